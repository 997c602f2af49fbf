import type { FieldFault, ParamsOf } from '../../../../src/http/framework/error-schema.ts';
import type { ApiError } from '../../api/client.ts';
import { errorText, strings, textOf } from '../../strings/strings.ts';
import { words } from './words.ts';

/** What went wrong, in the chosen language. The panel's own texts come before the chat page's. */
export function errorMessage(error: unknown): string {
  return errorText(error, { errors: words.value.errors, fieldFaults: fieldFaults() });
}

/** What is wrong with each field of a request, in the chosen language where it has a code. */
export function fieldMessages(error: ApiError): (readonly [field: string, message: string])[] {
  const { fields: coded } = (error.params ?? {}) as Partial<ParamsOf<'invalid_fields'>>;
  return Object.entries(error.fields).map(([field, sentences]) => {
    const faults: readonly FieldFault[] = coded?.[field] ?? [];
    const texts = faults.map((fault) => textOf(fieldFaults(), fault.code, fault));
    const isComplete = texts.length > 0 && texts.every((it) => it !== undefined);
    return [field, (isComplete ? texts : sentences).join(' ')];
  });
}

function fieldFaults() {
  return { ...strings.value.fieldFaults, ...words.value.fieldFaults };
}
