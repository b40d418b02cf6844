import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decoders } from '../../src/ingest/decoders';
import { type LogFormat, logFormats } from '../../src/ingest/formats';
import { createIngest } from '../../src/ingest/ingest';
import { createKeyHasher } from '../../src/ingest/pepper';
import { valuesOf } from '../../src/ingest/records';

const dir = join(__dirname, 'samples');
const samples = readdirSync(dir).filter((name) => !name.endsWith('.expected.json'));
const hasher = createKeyHasher({ pepper: Buffer.from('a pepper for tests'), version: 1 });

/**
 * Whose words the field names of a sample are. `verified`: read in the vendor's source or documentation; `unverified`:
 * common knowledge, not read there. The values are made up.
 */
const origins: Readonly<Record<string, readonly ['verified' | 'unverified', string]>> = {
  'apisix.ndjson': ['verified', 'apisix/utils/log-util.lua, get_full_log; that the log shows headers set later is not'],
  'aws-api-gateway.ndjson': ['verified', 'the $context variables; their names as fields are the recommended format'],
  'azure-apim-diagnostic.json': ['verified', 'the GatewayLogs record in the documentation of API Management'],
  'azure-apim-flat.json': ['verified', 'the columns of the table ApiManagementGatewayLogs'],
  'cloudtrail-eventbridge.json': ['unverified', 'the envelope of EventBridge; the event inside it is verified'],
  'cloudtrail-file.json': ['verified', 'the CloudTrail event reference and its examples of log files'],
  'cloudtrail-single.ndjson': ['verified', 'the example of the CloudTrail event reference'],
  'ecs.ndjson': ['verified', 'the ECS field reference; names with dots at the top are what some shippers write'],
  'envoy.ndjson': ['verified', 'EnvoyJSONLogFormatIstio, the fields of keys apart: those are the recipe’s'],
  'keywatch.ndjson': ['verified', 'schemas/usage-event.schema.json'],
  'kong-array.json': ['verified', 'kong/pdk/log.lua'],
  'kong-lines.ndjson': ['verified', 'kong/pdk/log.lua'],
  'kong-object.json': ['verified', 'kong/pdk/log.lua'],
  'nginx-combined.log': ['verified', 'the log module’s documentation'],
  'nginx-json.ndjson': ['unverified', 'names that people give to variables'],
  'otel-logs.json': ['verified', 'OTLP as JSON, semantic conventions 1.44'],
  'otel-record.ndjson': ['unverified', 'attributes as an object, as some exporters write them'],
  'otel-spans.json': ['verified', 'OTLP as JSON, semantic conventions 1.44'],
  'traefik.ndjson': ['verified', 'the access log’s documentation'],
  'tyk.ndjson': ['verified', 'pumps/kafka.go of tyk-pump'],
};

test('every sample says where its names are from', () => expect(Object.keys(origins).sort()).toEqual(samples.sort()));

/** Each sample is one record of a log (a batch where it holds several requests); its expectation stands beside it. */
describe.each(samples)('sample %s', (name) => {
  const format = logFormats.find((each) => name.startsWith(each)) as LogFormat;
  const record = readFileSync(join(dir, name));
  const expected = JSON.parse(readFileSync(join(dir, `${name.replace(/\.\w+$/, '')}.expected.json`), 'utf8'));
  const options = {
    keyIs: 'auto',
    hashKey: hasher.hash,
    trustedProxies: ['10.0.0.0/8'],
    maxRecordBytes: 1_048_576,
  } as const;

  test('becomes the expected events and rejections', () => {
    const results = createIngest({ ...options, format }).ingest(record);
    expect(JSON.parse(JSON.stringify(results))).toEqual(expected);
    expect(results.map((result) => result.index)).toEqual(results.map((_, i) => i));
  });

  test('is recognised by auto, with the same results', () => {
    const ingest = createIngest({ ...options, format: 'auto' });
    expect(JSON.parse(JSON.stringify(ingest.ingest(record)))).toEqual(expected);
    expect(ingest.format()).toBe(format);
    expect(ingest.formatReason()).toMatch(/^recognised by /);
  });

  test('is no other format’s, whichever is asked first', () => {
    const [first] = valuesOf(record.toString());
    for (const other of logFormats) {
      if (other === format || decoders[other].input !== decoders[format].input) continue;
      // Our own names are among those that people give to variables of NGINX, whose decoder is asked last for that.
      if (format === 'keywatch' && other === 'nginx-json') continue;
      for (const part of decoders[other].unwrap?.(first) ?? [first])
        expect([other, decoders[other].recognise(part)]).toEqual([other, undefined]);
    }
  });
});
