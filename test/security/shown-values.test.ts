import { showValue } from '../../src/adapters/config-show';

test.each([
  [
    'https://hooks.example.com/services/T0A1B2C3D/abcDEF123ghiJKL456mnoPQ7',
    'https://hooks.example.com/services/T0A1B2C3D/(hidden)',
  ],
  [
    'https://gateway-2.region-1.keys.example.com/v1/suspensions',
    'https://gateway-2.region-1.keys.example.com/v1/suspensions',
  ],
  ['https://a:b@keys.example.com/hook?sig=abc', 'https://(hidden)@keys.example.com/hook?(hidden)'],
])('%s is shown without what may be secret', (url, shown) =>
  expect(showValue(['enforce', 'webhook', 'url'], url)).toBe(JSON.stringify(shown)),
);

test('what stands where a reference belongs is not shown, whatever it looks like', () => {
  expect(showValue(['alerts', 0, 'urlFrom'], 'https://hooks.example/T0/B0/short')).toBe('(hidden)');
  expect(showValue(['alerts', 0, 'urlFrom'], 'env:SLACK_URL')).toBe('"env:SLACK_URL"');
});
