/** The endpoints of a running server, as its OpenAPI document lists them. */
import { send } from './http.ts';

/** The parts of a schema that tests read. */
export interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

export interface Operation {
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly object[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly schema?: Schema;
  }[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: Schema }> };
  readonly responses: Record<string, { readonly description?: string; readonly content?: object }>;
}

export interface Endpoint {
  /** In capitals. */
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

/** All endpoints that are documented. */
export async function endpointsOf(url: string): Promise<Endpoint[]> {
  const answer = await send(`${url}/openapi.json`);
  const { paths } = answer.json as { paths: Record<string, Record<string, Operation>> };
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
    })),
  );
}
