import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { apiRoutes } from '../src/adapters/api/routes';
import { faultText, readConfig } from '../src/adapters/config-file';
import { parseCommandLine } from '../src/bin/args';
import { MOST_MUTED } from '../src/domain/command';
import { blocksOf, commandsOf, rowsOf, sectionOf } from './support/markdown';

const page = readFileSync(join(__dirname, '..', 'docs', 'api.md'), 'utf8');

test('docs/api.md has every call with its role, and no other', () => {
  const routes = apiRoutes({} as Parameters<typeof apiRoutes>[0]);
  const rows = rowsOf(sectionOf(page, '## Calls')).map(([call, role]) => [call.replaceAll('`', ''), role]);
  expect(rows).toEqual(expect.arrayContaining(routes.map(({ method, path, role }) => [`${method} ${path}`, role])));
  expect(rows).toHaveLength(routes.length);
});

test('its commands are ones that there are', () => {
  const commands = blocksOf(page)
    .flatMap(({ text }) => commandsOf(text))
    .filter(([program]) => program === 'keywatch');
  expect(commands).toHaveLength(4);
  for (const words of commands)
    expect(parseCommandLine(words.slice(1))).toMatchObject({ ok: true, invocation: { command: 'key' } });
});

test('its configuration is sound, and its numbers are the code’s', () => {
  const [example] = blocksOf(page).filter(({ language }) => language === 'yaml');
  const read = readConfig(JSON.stringify(parse(example.text)), { checkFiles: false, detectors: [] });
  if (!read.ok) throw new Error(read.faults.map(faultText).join('\n'));
  expect([read.config.api?.mute, read.config.api?.muteMax]).toEqual([7 * 86_400_000, 30 * 86_400_000]);
  expect([MOST_MUTED, page.includes('At most three facets')]).toEqual([3, true]);
});
