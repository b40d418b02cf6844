import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { parseSecrets, sign, verify } from '../../../src/adapters/webhook/sign';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const ID = 'msg_01K9ZZ0000000000000000TEST';
const AT = 1_764_000_000;
const BODY =
  '{"type":"key.suspend.requested","timestamp":"2025-11-24T16:00:00.000Z","data":{"action_id":"act_1","key_id":"key_123","action":"suspend"}}';

const headers = (signature: string, id = ID, at = AT) => ({ id, timestamp: String(at), signature });
const fresh = () => `whsec_${randomBytes(32).toString('base64')}`;

test('the published test vector', () => {
  expect(sign(parseSecrets(SECRET), ID, AT, BODY)).toBe('v1,PtQl8kfyLZrAmfPISgwk8VOHgO+Mr2o2b8c4r/2w8Lk=');
});

test('law: an independent implementation accepts what is signed, and what it signs is accepted', () => {
  const bytes = fc.uint8Array({ minLength: 24, maxLength: 64 });
  fc.assert(
    fc.property(bytes, fc.string({ unit: 'grapheme' }), (key, body) => {
      const secret = `whsec_${Buffer.from(key).toString('base64')}`;
      const now = Math.floor(Date.now() / 1_000);
      const signature = sign(parseSecrets(secret), ID, now, body);
      const theirs = { 'webhook-id': ID, 'webhook-timestamp': String(now), 'webhook-signature': signature };
      const library = new Webhook(secret);
      library.verify(body, theirs, { jsonParse: false });
      const other = library.sign(ID, new Date(now * 1_000), body);
      expect(verify(parseSecrets(secret), headers(other, ID, now), Buffer.from(body), now * 1_000)).toBeUndefined();
    }),
  );
});

test('during a rotation the request carries a signature of each secret, and a holder of either accepts it', () => {
  const [now, old] = [fresh(), fresh()];
  const signature = sign(parseSecrets(`${now}\n${old}`), ID, AT, BODY);
  expect(signature.split(' ')).toHaveLength(2);
  for (const secret of [now, old]) {
    expect(verify(parseSecrets(secret), headers(signature), Buffer.from(BODY), AT * 1_000)).toBeUndefined();
  }
  expect(verify(parseSecrets(fresh()), headers(signature), Buffer.from(BODY), AT * 1_000)).toBe('bad-signature');
});

test('a raw secret is used byte for byte', () => {
  const raw = 'an-old-gateway-wants-these-very-bytes';
  const signature = sign(parseSecrets(`raw:${raw}`), ID, AT, BODY);
  expect(signature).toBe(new Webhook(raw, { format: 'raw' }).sign(ID, new Date(AT * 1_000), BODY));
});

test('any change of id, time or body breaks the signature', () => {
  const secrets = parseSecrets(SECRET);
  const signature = sign(secrets, ID, AT, BODY);
  const body = Buffer.from(BODY);
  expect(verify(secrets, headers(signature), body, AT * 1_000)).toBeUndefined();
  expect(verify(secrets, headers(signature, 'msg_other'), body, AT * 1_000)).toBe('bad-signature');
  expect(verify(secrets, headers(signature, ID, AT + 1), body, AT * 1_000)).toBe('bad-signature');
  expect(verify(secrets, headers(signature), Buffer.from(`${BODY} `), AT * 1_000)).toBe('bad-signature');
  expect(verify(secrets, headers(signature.replace('v1,', 'v1a,')), body, AT * 1_000)).toBe('bad-signature');
  expect(verify(secrets, { ...headers(signature), id: undefined }, body, AT * 1_000)).toBe('missing-header');
});

test('a timestamp is good for five minutes to either side', () => {
  const secrets = parseSecrets(SECRET);
  const given = headers(sign(secrets, ID, AT, BODY));
  const at = (offset: number) => verify(secrets, given, Buffer.from(BODY), (AT + offset) * 1_000);
  expect([at(300), at(-300)]).toEqual([undefined, undefined]);
  expect([at(301), at(-301)]).toEqual(['bad-timestamp', 'bad-timestamp']);
  expect(verify(secrets, { ...given, timestamp: '1e9' }, Buffer.from(BODY), AT * 1_000)).toBe('bad-timestamp');
});

test.each([
  ['', 'it is empty'],
  ['MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'expected whsec_'],
  [`whsec_${randomBytes(23).toString('base64')}`, '24 to 64 bytes'],
  [`whsec_${randomBytes(65).toString('base64')}`, '24 to 64 bytes'],
  ['whsec_not*base64*at*all*not*base64*at*all', 'expected whsec_'],
  ['raw:short', 'at least 24 bytes'],
  [Array.from({ length: 5 }, fresh).join(' '), 'at most 4'],
])('a secret that cannot be used is refused without being repeated: %#', (text, message) => {
  let said = '';
  try {
    parseSecrets(text);
  } catch (error) {
    said = (error as Error).message;
  }
  expect(said).toContain(message);
  for (const part of text.split(' ')) if (part.length > 6) expect(said).not.toContain(part.replace(/^raw:/, ''));
});
