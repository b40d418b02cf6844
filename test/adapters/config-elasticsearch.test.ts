import { faultText, readConfig } from '../../src/adapters/config-file';

const faultsOf = (...outputs: readonly Record<string, unknown>[]): string[] => {
  const alerts = outputs.map((output) => ({ kind: 'elasticsearch', nodes: ['https://es.example:9200'], ...output }));
  const text = JSON.stringify({ source: { kind: 'stdin' }, alerts });
  const loaded = readConfig(text, { checkFiles: false, detectors: [] });
  return loaded.ok ? [] : loaded.faults.map(faultText);
};
const FINGERPRINT = 'ab'.repeat(32);

test.each<[string, Record<string, unknown>]>([
  ['the least', {}],
  ['an API key', { apiKeyFrom: 'env:KEY', tls: { caFingerprint: FINGERPRINT } }],
  ['a password', { basic: { username: 'kw', passwordFrom: 'file:/run/secrets/kw' }, tls: { caFile: 'ca.pem' } }],
  ['plain HTTP that was allowed', { nodes: ['http://10.0.0.1:9200'], allowHttp: true }],
  ['a policy', { ilmPolicy: 'logs', namespace: 'prod_eu.1' }],
])('%s is sound', (_, output) => expect(faultsOf(output)).toEqual([]));

test.each<[string, Record<string, unknown>, RegExp]>([
  [
    'a secret in the address',
    { nodes: ['https://elastic:changeme@es.example'] },
    /nodes\[0\].*use basic or apiKeyFrom/,
  ],
  ['plain HTTP', { nodes: ['http://es.example'] }, /expected https:\/\/, or allowHttp: true/],
  ['TLS settings without TLS', { nodes: ['http://es'], allowHttp: true, tls: {} }, /expected https:\/\/, since tls/],
  ['two ways in', { apiKeyFrom: 'env:A', basic: { username: 'a', passwordFrom: 'env:B' } }, /not both/],
  ['two authorities', { tls: { caFile: 'a', caFingerprint: FINGERPRINT } }, /caFile or caFingerprint, not both/],
  ['a fingerprint of SHA-1', { tls: { caFingerprint: 'ab'.repeat(20) } }, /64 hexadecimal digits/],
  ['no time at all', { requestTimeout: '0s' }, /requestTimeout.*more than zero/],
  ['two retentions', { retention: '30d', ilmPolicy: 'logs' }, /retention or ilmPolicy, not both/],
  ['a dash in the namespace', { namespace: 'prod-eu' }, /namespace.*no dash/],
  [
    'a key where its name belongs',
    { apiKeyFrom: 'VnVhQ2ZHY0JDZGJrUW0tZTVhT3g6dWkybHAyYXhUTm1zeWFrd0tHMQ==' },
    /expected env:NAME/,
  ],
])('%s is a fault, told without a secret', (_, output, message) => {
  const faults = faultsOf(output);
  expect(faults.join('\n')).toMatch(message);
  expect(faults.join('\n')).not.toMatch(/changeme|VnVhQ2Z/);
});

test('outputs of one cluster have namespaces of their own and one retention', () => {
  expect(faultsOf({}, { namespace: 'second' })).toEqual([]);
  expect(faultsOf({}, {})).toEqual([expect.stringContaining('alerts[1].namespace')]);
  expect(faultsOf({}, { namespace: 'second', retention: '30d' })).toEqual([
    expect.stringMatching(/alerts\[1\]\.retention.*expected the retention of alerts\[0\]/),
  ]);
});
