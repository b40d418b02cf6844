import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { LogFormat } from '../../src/ingest/formats';
import { createIngest } from '../../src/ingest/ingest';
import { createKeyHasher } from '../../src/ingest/pepper';

const { hash } = createKeyHasher({ pepper: Buffer.from('a pepper for tests'), version: 1 });
const read = (name: string) => readFileSync(join(__dirname, 'samples', name), 'utf8');

/** A record of each format with `text` in a known place of a raw key or secret, and in texts that become the event's. */
const hidden: Readonly<Record<string, (text: string) => readonly [format: LogFormat, record: unknown]>> = {
  'apisix header': (text) => ['apisix', apisix({ headers: { 'X-Api-Key': text, 'user-agent': `cli ${text}` } })],
  'apisix query': (text) => ['apisix', apisix({ uri: `/a/${text}?apikey=${text}`, querystring: { apikey: text } })],
  'apisix authorization': (text) => ['apisix', apisix({ headers: { authorization: [`Bearer ${text}`, text] } })],
  tyk: (text) => [
    'tyk',
    { ...sample('tyk'), api_key: text, alias: `a ${text}`, user_agent: text, raw_path: `/${text}` },
  ],
  'envoy key': (text) => [
    'envoy',
    { ...sample('envoy'), x_api_key: text, user_agent: `cli ${text}`, path: `/${text}` },
  ],
  'envoy query': (text) => ['envoy', { ...sample('envoy'), path: `/${text}?access_token=${text}`, request_id: text }],
  'envoy authorization': (text) => ['envoy', { ...sample('envoy'), authorization: `Bearer ${text}`, consumer: text }],
  'traefik header': (text) => [
    'traefik',
    { ...sample('traefik'), 'request_x-api-KEY': text, 'request_User-Agent': text },
  ],
  'traefik query': (text) => ['traefik', { ...sample('traefik'), RequestPath: `/${text}?token=${text}` }],
  'aws-api-gateway': (text) => [
    'aws-api-gateway',
    { ...sample('aws-api-gateway'), apiKey: text, path: `/${text}`, userAgent: text, requestId: text },
  ],
  'azure-apim': (text) => [
    'azure-apim',
    { ...azure, Url: `https://a/${text}?subscription-key=${text}`, CorrelationId: text, UserId: text },
  ],
  ecs: (text) => [
    'ecs',
    { ...sample('ecs'), url: { path: `/${text}`, query: `apikey=${text}` }, user_agent: { original: text } },
  ],
  otel: (text) => [
    'otel',
    {
      timeUnixNano: '1795514400123000000',
      attributes: [
        { key: 'http.request.method', value: { stringValue: 'GET' } },
        { key: 'http.request.header.x-api-key', value: { arrayValue: { values: [{ stringValue: text }] } } },
        { key: 'url.path', value: { stringValue: `/a/${text}` } },
        { key: 'user_agent.original', value: { stringValue: text } },
      ],
    },
  ],
};
const sample = (name: string) => JSON.parse(read(`${name}.ndjson`).split('\n')[0]);
const azure = JSON.parse(read('azure-apim-flat.json'));
const apisix = (request: object) => {
  const { consumer, ...record } = sample('apisix');
  return { ...record, request: { ...record.request, uri: '/a', url: '/a', headers: {}, querystring: {}, ...request } };
};

test.each(Object.keys(hidden))('%s: a secret of no known shape in its place is removed everywhere else', (name) => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z]{3}[0-9][A-Za-z0-9]{4,20}$/), (text) => {
      const [format, record] = hidden[name](text);
      const ingest = createIngest({ format, keyIs: 'auto', hashKey: hash, trustedProxies: [], maxRecordBytes: 1e6 });
      const results = ingest.ingest(Buffer.from(JSON.stringify(record)));
      expect(results).toMatchObject([{ kind: 'event' }]);
      expect(JSON.stringify(results)).not.toContain(text);
    }),
    { numRuns: 60 },
  );
});
