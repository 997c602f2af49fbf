/**
 * The standard variables of OpenTelemetry for traces, as far as there is something to set
 * (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/).
 */

/** Variables by their names. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** How traces are sampled: all, none, or a part of them, as a trusted caller says or not. */
export interface SamplerSettings {
  readonly kind: 'always_on' | 'always_off' | 'traceidratio';
  readonly ratio: number;
  /** Whether the sampling of the caller decides, where there is one. */
  readonly isParentBased: boolean;
}

export interface TracesSettings {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly exportTimeoutMs: number;
  readonly resource: Readonly<Record<string, string>>;
  readonly sampler: SamplerSettings;
  readonly batch: {
    readonly delayMs: number;
    readonly queueSize: number;
    readonly exportSize: number;
  };
  /** What is set and not followed, for the log. */
  readonly faults: readonly string[];
}

const DEFAULT_ENDPOINT = 'http://localhost:4318';

/**
 * What the variables ask for; undefined if they do not ask for traces: `OTEL_TRACES_EXPORTER` is
 * `otlp`, or an endpoint is set, and neither `OTEL_SDK_DISABLED` nor `none` forbids it.
 */
export function tracesSettings(variables: Variables): TracesSettings | undefined {
  const of = (name: string) => variables[name]?.trim() || undefined;
  const exporter = of('OTEL_TRACES_EXPORTER');
  const own = of('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT');
  const base = of('OTEL_EXPORTER_OTLP_ENDPOINT');
  if (of('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return undefined;
  if (exporter ? exporter !== 'otlp' : !own && !base) return undefined;
  const faults: string[] = [];
  const protocol = of('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') ?? of('OTEL_EXPORTER_OTLP_PROTOCOL');
  if (protocol === 'grpc') {
    faults.push('OTEL_EXPORTER_OTLP_PROTOCOL: grpc is not supported; traces are sent by HTTP.');
  }
  const numberOf = (name: string, fallback: number) => {
    const text = of(name);
    const value = Number(text ?? fallback);
    if (Number.isFinite(value) && value > 0) return value;
    faults.push(`${name}: "${text}" is not a number above 0; ${fallback} is used.`);
    return fallback;
  };
  const { OTEL_RESOURCE_ATTRIBUTES: attributes } = variables;
  const headers = of('OTEL_EXPORTER_OTLP_TRACES_HEADERS') ?? of('OTEL_EXPORTER_OTLP_HEADERS') ?? '';
  const resource = { 'service.name': 'chit', ...pairsIn(attributes ?? '') };
  const name = of('OTEL_SERVICE_NAME');
  return {
    url: own ?? `${(base ?? DEFAULT_ENDPOINT).replace(/\/+$/, '')}/v1/traces`,
    headers: pairsIn(headers),
    exportTimeoutMs: numberOf('OTEL_EXPORTER_OTLP_TIMEOUT', 10_000),
    resource: name ? { ...resource, 'service.name': name } : resource,
    sampler: samplerIn(of('OTEL_TRACES_SAMPLER'), of('OTEL_TRACES_SAMPLER_ARG'), faults),
    batch: {
      delayMs: numberOf('OTEL_BSP_SCHEDULE_DELAY', 5_000),
      queueSize: numberOf('OTEL_BSP_MAX_QUEUE_SIZE', 2_048),
      exportSize: numberOf('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512),
    },
    faults,
  };
}

function samplerIn(
  name = 'parentbased_always_on',
  argument: string | undefined,
  faults: string[],
): SamplerSettings {
  const [, parent, kind] =
    /^(parentbased_)?(always_on|always_off|traceidratio)$/.exec(name.toLowerCase()) ?? [];
  const ratio = Number(argument ?? 1);
  const isRatio = ratio >= 0 && ratio <= 1;
  if (!kind) faults.push(`OTEL_TRACES_SAMPLER: "${name}" is not supported; all are sampled.`);
  if (!isRatio) {
    faults.push(`OTEL_TRACES_SAMPLER_ARG: "${argument}" is not from 0 to 1; 1 is used.`);
  }
  return {
    kind: (kind ?? 'always_on') as SamplerSettings['kind'],
    ratio: isRatio ? ratio : 1,
    isParentBased: parent !== undefined || !kind,
  };
}

/** `key=value` separated by commas, percent-encoded, as W3C Baggage has it. */
function pairsIn(text: string): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const part of text.split(',')) {
    const [, key, value = ''] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(part) ?? [];
    if (key) pairs[key] = decoded(value);
  }
  return pairs;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
