import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configuredFormats, type LogFormat, logFormats } from '../src/ingest/formats';
import { createIngest } from '../src/ingest/ingest';
import { anchorsOf, blocksOf, rowsOf, sectionOf } from './support/markdown';

const page = (name: string) => readFileSync(join(__dirname, '..', name), 'utf8');
const formats = page('docs/formats.md');

test('README and docs/formats.md list every format, and each has its section', () => {
  const named = configuredFormats.filter((format) => format !== 'auto');
  const listed = (markdown: string, heading: string) =>
    rowsOf(heading === '' ? markdown : sectionOf(markdown, heading))
      .flatMap(([first]) => [...first.matchAll(/`([a-z-]+)`/g)].map((match) => match[1]))
      .filter((name) => (named as string[]).includes(name));
  expect(new Set(listed(page('README.md'), ''))).toEqual(new Set(named));
  const table = [...formats.matchAll(/^\| \[`([a-z-]+)`\]\(#\1\) \|/gm)].map((match) => match[1]);
  expect(table).toEqual(named);
  for (const format of named) expect(anchorsOf(formats)).toContain(format);
});

/** What the gateway writes for each placeholder of its recipe: one request with the key `key-7` out of 203.0.113.9. */
const values: Readonly<Record<string, unknown>> = {
  $time_iso8601: '2026-11-24T10:00:00+00:00',
  $remote_addr: '203.0.113.9',
  $http_x_forwarded_for: '',
  $request_method: 'GET',
  $uri: '/orders/8412',
  $status: '200',
  $bytes_sent: '512',
  $request_time: '0.012',
  $http_user_agent: 'curl/8.9.1',
  $http_x_credential_identifier: 'key-7',
  $consumer_name: 'acme',
  '%START_TIME%': '2026-11-24T10:00:00.000Z',
  '%REQ(:METHOD)%': 'GET',
  '%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%': '/orders/8412?a=b',
  '%RESPONSE_CODE%': 200,
  '%RESPONSE_FLAGS%': '-',
  '%BYTES_SENT%': 512,
  '%DURATION%': 12,
  '%REQ(X-FORWARDED-FOR)%': null,
  '%REQ(USER-AGENT)%': 'curl/8.9.1',
  '%REQ(X-REQUEST-ID)%': '0192f0aa-7b61-71e6-9a41-93e8deadbeef',
  '%DOWNSTREAM_REMOTE_ADDRESS%': '203.0.113.9:52344',
  '%DYNAMIC_METADATA(envoy.filters.http.ext_authz:key_id)%': 'key-7',
  '$context.requestId': '0192f0aa-7b61-71e6-9a41-93e8deadbeef',
  '$context.requestTimeEpoch': '1795514400000',
  '$context.identity.apiKeyId': 'key-7',
  '$context.authorizer.principalId': '-',
  '$context.identity.sourceIp': '203.0.113.9',
  '$context.identity.userAgent': 'curl/8.9.1',
  '$context.httpMethod': 'GET',
  '$context.resourcePath': '/orders/{id}',
  '$context.path': '/orders/8412',
  '$context.status': '200',
  '$context.responseLatency': '12',
  '$context.responseLength': '512',
};

const event = {
  ts: 1_795_514_400_000,
  key: 'key-7',
  keyKind: 'credential',
  ip: '203.0.113.9',
  method: 'GET',
  path: '/orders/8412',
  route: '/orders/{id}',
  status: 200,
  userAgent: 'curl/8.9.1',
  latencyMs: 12,
};

const options = { format: 'auto', keyIs: 'auto', trustedProxies: [], maxRecordBytes: 65_536 } as const;

function read(record: unknown) {
  const ingest = createIngest(options);
  return { results: ingest.ingest(Buffer.from(JSON.stringify(record))), format: ingest.format() };
}

test.each([
  ['apisix', 'nginx-json'],
  ['envoy', 'envoy'],
  ['aws-api-gateway', 'aws-api-gateway'],
] as const)('what %s writes by its recipe is recognised as %s and read whole', (section, format) => {
  const [block] = blocksOf(sectionOf(formats, `## ${section}`)).filter(({ language }) => language === 'json');
  const recipe = JSON.parse(block.text) as Record<string, string>;
  const record = Object.fromEntries(
    Object.entries(recipe).map(([name, placeholder]) => {
      if (!(placeholder in values)) throw new Error(`unknown placeholder ${placeholder}`);
      return [name, values[placeholder]];
    }),
  );
  expect(read(record)).toMatchObject({ results: [{ kind: 'event', event: { ...event, bytes: 512 } }], format });
});

test('what the policy of azure-apim writes is recognised and read whole', () => {
  const [{ text }] = blocksOf(sectionOf(formats, '## azure-apim'));
  const written: Readonly<Record<string, unknown>> = {
    'DateTime.UtcNow.ToString("o")': '2026-11-24T10:00:00.0000000Z',
    'context.Subscription?.Id': 'key-7',
    'context.User?.Id': 'u-7',
    'context.Request.IpAddress': '203.0.113.9',
    'context.Request.Method': 'GET',
    'context.Request.Url.Path': '/orders/8412',
    'context.Response.StatusCode': 200,
    '(int)context.Elapsed.TotalMilliseconds': 12,
    'context.RequestId': '0192f0aa-7b61-71e6-9a41-93e8deadbeef',
  };
  const plain = [...text.matchAll(/new JProperty\("(\w+)", (.+?)\),$/gm)].map(([, name, expression]) => {
    if (expression.startsWith('new JObject')) return [name, undefined];
    if (!(expression in written)) throw new Error(`unknown expression ${expression}`);
    return [name, written[expression]];
  });
  expect(text).toContain('new JProperty("RequestHeaders", new JObject(\n      new JProperty("User-Agent"');
  const record = { ...Object.fromEntries(plain), RequestHeaders: { 'User-Agent': 'curl/8.9.1' } };
  expect(read(record)).toMatchObject({ results: [{ kind: 'event', event }], format: 'azure-apim' });
});

test('each section that tells a table of its format says which field is the key', () => {
  const others: readonly LogFormat[] = ['keywatch'];
  for (const format of logFormats.filter((each) => !others.includes(each)))
    expect(sectionOf(formats, `## ${format}`)).toMatch(/^\| Key \|/m);
});
