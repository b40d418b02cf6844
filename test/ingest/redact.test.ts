import fc from 'fast-check';
import { looksLikeSecret, redactRequestId, redactText, removeSecrets } from '../../src/ingest/redact';

/** Shapes of published token formats, assembled here so that no scanner takes this file for a leak. */
const secrets = [
  `sk_live_${'4eC39HqLyjWDarjtT1zdp7dc'}`,
  `rk_test_${'4eC39HqLyjWDarjtT1zdp7dc'}`,
  `gh${'p_'}0123456789abcdefABCDEF0123456789abcd`,
  `github_${'pat_'}11ABCDEFG0123456789_abcdefghij`,
  `xox${'b-'}123456789012-abcdefGHIJ`,
  `AIza${'SyA1234567890abcdefghijklmnopqrstuv'}`,
  `eyJ${'hbGciOiJIUzI1NiJ9'}.eyJzdWIiOiIxIn0.c2lnbmF0dXJl`,
  `whsec_${'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'}`,
  'xjAJXh38I15wypJXxuGMBp0EAVxt0G0biEntp43Qt6E',
  '5f4dcc3b5aa765d61d8327deb882cf99',
];

const innocent = [
  'Debian APT-HTTP/1.3 (0.8.16~exp12ubuntu10.21)',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/32.0.1700.77 Safari/537.36',
  'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)',
  'aws-sdk-nodejs/2.1692.0 linux/v20.19.0 exec-env/AWS_Lambda_nodejs20.x callback',
  'okhttp/4.12.0',
  '/presentations/logstash-monitorama-2013/images/kibana-search.png',
  '/presentations/logstash-1/css/theme/images/ui-bg_highlight-soft_25_327E04_1x100.png',
  '/blog/how-to-set-up-CI-for-2024-in-GitHub-Actions-and-Kubernetes',
  '/api/getCustomerInvoicesByAccountNumberV2',
  '/messages/msg.json',
  '/sk-bratislava-hotels-luxury-2024',
  '0192f0aa-7b61-71e6-9a41-93e8deadbeef',
  'AKIAIOSFODNN7EXAMPLE',
  'task_live_stream',
  'RATE_LIMITED',
];

test.each(secrets)('%s is redacted wherever it stands', (secret) => {
  for (const text of [secret, `/a/${secret}/b`, `client/1 (${secret})`, `x=${secret}&y=1`, `"${secret}"`]) {
    expect(redactText(text)).not.toContain(secret.slice(-10));
    expect(redactText(text)).toContain('REDACTED');
  }
  expect(redactText(`/a/${secret}/orders`)).toBe('/a/REDACTED/orders');
  expect(looksLikeSecret(secret)).toBe(true);
});

test.each(innocent)('%s passes untouched', (text) => expect(redactText(text)).toBe(text));

test.each([
  'k_59e985d479',
  'AKIAIOSFODNN7EXAMPLE',
  '0192f0aa-7b61-71e6-9a41-93e8deadbeef',
  'acme-billing',
  'key_7',
  'h1:3ilKoaAwt2joiZZzQKEfOg',
  'projects/1/locations/global/keys/a1b2',
])('%s is a key id', (text) => expect(looksLikeSecret(text)).toBe(false));

test('named values are redacted whatever their shape', () => {
  expect(redactText('/a;apikey=abc/b')).toBe('/a;REDACTED/b');
  expect(redactText('cli (Authorization: Bearer abcdef)')).toBe('cli (Authorization: REDACTED)');
  expect(redactText('monkey=banana')).toBe('monkey=banana');
});

test('request ids keep UUIDs and hex, and nothing else that looks random', () => {
  expect(redactRequestId('2f69a1c07cf5f04a2f1b0f5d1c9d7e11')).toBe('2f69a1c07cf5f04a2f1b0f5d1c9d7e11');
  expect(redactRequestId('0192f0aa-7b61-71e6-9a41-93e8deadbeef')).toBe('0192f0aa-7b61-71e6-9a41-93e8deadbeef');
  expect(redactRequestId(secrets[8])).toBe('REDACTED');
});

test('random keys of 40 characters are nearly always seen', () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  let seen = 0;
  let state = 1;
  for (let i = 0; i < 1_000; i += 1) {
    let key = '';
    for (let j = 0; j < 40; j += 1) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      key += alphabet[(state >>> 8) % 62];
    }
    if (redactText(`/x/${key}`) === '/x/REDACTED') seen += 1;
  }
  expect(seen).toBeGreaterThan(995);
});

test('known secrets are removed in any case of letters', () => {
  expect(removeSecrets('/a/HD83KFLS/b/hd83kfls', ['hd83kfLs'])).toBe('/a/REDACTED/b/REDACTED');
  expect(removeSecrets('İ hd83kfLs', ['hd83kfLs'])).toBe('İ REDACTED');
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }),
      fc.string({ minLength: 6, unit: 'binary' }),
      (a, b, secret) => {
        fc.pre(!'REDACTED'.includes(secret));
        expect(removeSecrets(a + secret + b, [secret]).length).toBeLessThanOrEqual(
          a.length + b.length + 8 * (1 + (a.length + b.length) / 6) + 8,
        );
        expect(removeSecrets(secret, [secret])).toBe('REDACTED');
      },
    ),
  );
});

test('redaction is stable: a redacted text has nothing left to redact', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom(...secrets), fc.constantFrom(...innocent), fc.string()), { maxLength: 5 }),
      (parts) => {
        const once = redactText(parts.join(' '));
        expect(redactText(once)).toBe(once);
      },
    ),
  );
});
