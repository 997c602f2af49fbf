import type { PromptFile } from '../../../core/files.ts';
import type { Model } from '../../../models/catalogue.ts';
import { measurePrompt } from '../../../models/input-measure/measure-prompt.ts';
import { measuredModelOf } from '../../../models/input-measure/measured-model.ts';

/** What files are to a model, in tokens of it. */
export interface FileTokensOfModel {
  readonly model: string;
  readonly likely: number;
  /** undefined if only the provider knows. */
  readonly most: number | undefined;
}

/** How many tokens some files have together, for each of some models. */
export function tokensOfFiles(
  models: readonly Model[],
  files: readonly PromptFile[],
): FileTokensOfModel[] {
  const promptContext = { systemPrompt: '', turns: [], files };
  const measure = measurePrompt(promptContext, '');
  return models.map((model) => {
    const measured = measuredModelOf(model);
    const likely = measure.roughTokens(measured);
    return { model: model.name, likely, most: measure.mostTokens(measured) };
  });
}
