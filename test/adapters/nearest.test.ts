import { nearest } from '../../src/adapters/nearest';

test.each([
  ['sesionTimeout', 'sessionTimeout'],
  ['session-timeout', 'sessionTimeout'],
  ['topci', 'topic'],
  ['grup', 'group'],
  ['tpoic', 'topic'],
  ['password', undefined],
  ['x'.repeat(10_000), undefined],
])('%s most likely meant %s', (name, meant) => {
  expect(nearest(name, ['topic', 'group', 'sessionTimeout', 'passwordFrom'])).toBe(meant);
});
