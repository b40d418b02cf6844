import { readConfig } from '../../src/adapters/config-file';

const token = { name: 'soc', role: 'analyst', tokenFrom: 'env:T' };
const faultsOf = (api: object, http: object = {}) => {
  const read = readConfig(JSON.stringify({ source: { kind: 'stdin' }, api, http }), {
    checkFiles: false,
    detectors: [],
  });
  return read.ok ? [] : read.faults.map(({ path, expected }) => `${path}: ${expected}`);
};

test.each([
  ['the least', { tokens: [token] }],
  ['another loopback address', { host: '127.0.0.2', tokens: [token] }],
  ['everywhere over TLS', { host: '0.0.0.0', tls: { certFrom: 'file:/c', keyFrom: 'file:/k' }, tokens: [token] }],
  ['everywhere by intent', { host: '::', allowHttp: true, tokens: [token] }],
])('%s is sound', (_, api) => {
  expect(faultsOf(api)).toEqual([]);
});

test.each([
  ['nobody', {}, 'api.tokens'],
  ['a network without TLS', { host: '10.0.0.1', tokens: [token] }, 'api.tls'],
  ['a name that only looks like the loopback', { host: '127.evil.example', tokens: [token] }, 'api.tls'],
  ['two of one name', { tokens: [token, { ...token, tokenFrom: 'env:U' }] }, 'api.tokens[1].name'],
  ['one token of two roles', { tokens: [token, { ...token, name: 'b', role: 'viewer' }] }, 'api.tokens[1].tokenFrom'],
  ['a mute that is longer than may be', { mute: '40d', muteMax: '30d', tokens: [token] }, 'api.mute'],
  ['mutes for half a year', { muteMax: '180d', tokens: [token] }, 'api.muteMax'],
  ['the port of the operations endpoint', { port: 9464, tokens: [token] }, 'api.port'],
  ['a role that is none', { tokens: [{ ...token, role: 'admin' }] }, 'api.tokens[0].role'],
])('%s is refused', (_, api, path) => {
  expect(faultsOf(api).join('\n')).toContain(path);
});

test('a token that stands in the configuration is not repeated', () => {
  const said = faultsOf({ tokens: [{ ...token, tokenFrom: 'S3CRET0123456789abcdef0123456789' }] }).join('\n');
  expect(said).toContain('api.tokens[0].tokenFrom');
  expect(said).not.toContain('S3CRET');
});
