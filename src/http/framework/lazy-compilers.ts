/**
 * Fastify compiles a validator for each schema of a request and a serializer for each of a
 * response when a route is registered: a third of the time that a server takes to start, although
 * most of them serialize errors that never occur. Here Fastify's own compilers compile each one
 * when it is first called, and once in a process, which may have several servers.
 */
import AjvCompiler, { type BuildCompilerFromPool } from '@fastify/ajv-compiler';
import { type SerializerFactory, SerializerSelector } from '@fastify/fast-json-stringify-compiler';

type CompileValidator = ReturnType<BuildCompilerFromPool>;
type Validate = ReturnType<CompileValidator>;
type Serialize = ReturnType<ReturnType<SerializerFactory>>;

const buildValidator = AjvCompiler();
const buildSerializer = SerializerSelector();
const serializers = new WeakMap<object, Serialize>();

export const LAZY_COMPILERS: {
  readonly buildValidator: BuildCompilerFromPool;
  readonly buildSerializer: SerializerFactory;
} = {
  buildValidator: (externalSchemas, options) => {
    const compile = buildValidator(externalSchemas, options);
    return (route) => {
      let compiled: Validate | undefined;
      const validate = (data: unknown) => {
        compiled ??= compile(route);
        const isValid = compiled(data);
        (validate as Validate).errors = compiled.errors ?? null;
        return isValid;
      };
      // Fastify only calls it and reads `errors`.
      return validate as Validate;
    };
  },
  buildSerializer: (externalSchemas, options) => {
    const compile = buildSerializer(externalSchemas, options);
    return (route) => {
      let compiled: Serialize | undefined;
      return (data: unknown) => {
        compiled ??= serializers.getOrInsertComputed(route.schema as object, () => compile(route));
        return compiled(data);
      };
    };
  },
};
