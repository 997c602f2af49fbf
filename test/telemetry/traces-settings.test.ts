/** The standard variables of OpenTelemetry. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { providerNameOf, serverOf } from '../../src/telemetry/gen-ai-names.ts';
import { tracesSettings } from '../../src/telemetry/traces-settings.ts';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

test('traces are sent only if they are asked for', () => {
  assert.equal(tracesSettings({}), undefined);
  assert.equal(tracesSettings({ OTEL_SERVICE_NAME: 'chat' }), undefined);
  assert.equal(tracesSettings({ ...ENDPOINT, OTEL_SDK_DISABLED: 'true' }), undefined);
  assert.equal(tracesSettings({ ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }), undefined);
  assert.equal(tracesSettings(ENDPOINT)?.url, 'http://collector:4318/v1/traces');
  const asked = tracesSettings({ OTEL_TRACES_EXPORTER: 'otlp' });
  assert.equal(asked?.url, 'http://localhost:4318/v1/traces');
  const own = { ...ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://other/traces' };
  assert.equal(tracesSettings(own)?.url, 'https://other/traces', 'as it is');
});

test('samplers are those of the specification', () => {
  const sampler = (name: string, argument?: string) => {
    const variables = { OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: argument };
    return tracesSettings({ ...ENDPOINT, ...variables });
  };
  const all = { kind: 'always_on', ratio: 1, isParentBased: true };
  assert.deepEqual(tracesSettings(ENDPOINT)?.sampler, all);
  const part = { kind: 'traceidratio', ratio: 0.25 };
  assert.deepEqual(sampler('traceidratio', '0.25')?.sampler, { ...part, isParentBased: false });
  const below = sampler('parentbased_traceidratio', '0.25');
  assert.deepEqual(below?.sampler, { ...part, isParentBased: true });
  assert.equal(sampler('always_off')?.sampler.kind, 'always_off');
  assert.deepEqual(sampler('jaeger_remote')?.sampler, all);
  assert.match(String(sampler('jaeger_remote')?.faults), /OTEL_TRACES_SAMPLER: "jaeger_remote"/);
  assert.match(String(sampler('traceidratio', '7')?.faults), /OTEL_TRACES_SAMPLER_ARG: "7"/);
});

test('attributes and headers are read as W3C Baggage has them', () => {
  const settings = tracesSettings({
    ...ENDPOINT,
    OTEL_RESOURCE_ATTRIBUTES: 'service.name=a, team=b%2Cc ,=bad,alone,odd=100%',
    OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Basic%20YQ==',
  });
  assert.deepEqual(settings?.resource, { 'service.name': 'a', team: 'b,c', odd: '100%' });
  assert.deepEqual(settings?.headers, { Authorization: 'Basic YQ==' });
  const named = tracesSettings({ ...ENDPOINT, OTEL_SERVICE_NAME: 'chat' });
  assert.deepEqual(named?.resource, { 'service.name': 'chat' });
  assert.deepEqual(tracesSettings(ENDPOINT)?.resource, { 'service.name': 'chit' });
});

test('providers have the names of the conventions', () => {
  const name = (baseUrl: string) =>
    providerNameOf({ baseUrl, family: 'openai' } as Parameters<typeof providerNameOf>[0]);
  assert.equal(name('https://api.openai.com/v1'), 'openai');
  assert.equal(name('https://school.openai.azure.com/openai/v1'), 'azure.ai.openai');
  assert.equal(name('https://api.mistral.ai/v1'), 'mistral_ai');
  assert.equal(name('https://notx.ai/v1'), 'openai', 'the API, where the host is unknown');
  const settings = { baseUrl: 'https://api.x.ai/v1' } as Parameters<typeof serverOf>[0];
  assert.deepEqual(serverOf(settings), { address: 'api.x.ai', port: 443 });
});
