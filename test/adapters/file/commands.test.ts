import { execFileSync } from 'node:child_process';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { leaveCommand, takeCommands } from '../../../src/adapters/file/commands';
import type { Command } from '../../../src/domain/command';
import { temporaryDirectories } from '../../support/files';

const makeDirectory = temporaryDirectories();
const command = (key: string): Command => ({ type: 'expect', key, facets: ['actor'], until: 5_000, by: 'ops' });

async function stateDirectory() {
  const dir = await makeDirectory();
  await mkdir(join(dir, 'commands'));
  return { dir, commands: join(dir, 'commands') };
}

async function taken(dir: string, answer = true) {
  const keys: string[] = [];
  const bad: string[] = [];
  const take = async (found: Command) => {
    if (found.type === 'expect') keys.push(found.key);
    return answer;
  };
  await takeCommands(dir, take, (name) => bad.push(name));
  return { keys, bad };
}

test('commands come in the order of their times, and again until they are taken', async () => {
  const { dir } = await stateDirectory();
  await leaveCommand(dir, command('b'), 2_000);
  await leaveCommand(dir, command('a'), 1_000);
  expect((await taken(dir, false)).keys).toEqual(['a', 'b']);
  expect((await taken(dir)).keys).toEqual(['a', 'b']);
  expect((await taken(dir)).keys).toEqual([]);
});

/** Names sort before a sound command's. */
const nameOf = (i: number) => `${String(i).padStart(15, '0')}-00000000-0000-0000-0000-000000000000.json`;

test.each<[string, (path: string, dir: string) => unknown]>([
  ['a directory', (path) => mkdir(path)],
  ['a link that leads nowhere', (path, dir) => symlink(join(dir, 'nothing'), path)],
  ['a link to what never ends', (path) => symlink('/dev/zero', path)],
  ['a pipe', (path) => execFileSync('mkfifo', [path])],
  ['a large file', (path) => writeFile(path, JSON.stringify({ ...command('x'), by: 'x'.repeat(70_000) }))],
  ['no JSON', (path) => writeFile(path, '{')],
  ['a command of another kind', (path) => writeFile(path, '{"type":"inventory","digest":"../../x"}')],
  ['a time that no date has', (path) => writeFile(path, JSON.stringify({ ...command('x'), until: 9e15 }))],
])('%s is put aside, and the commands behind it are taken', async (_, make) => {
  const { dir, commands } = await stateDirectory();
  await make(join(commands, nameOf(1)), dir);
  await leaveCommand(dir, command('sound'), 2_000);
  expect(await taken(dir)).toEqual({ keys: ['sound'], bad: [nameOf(1)] });
  expect(await readdir(commands)).toEqual([`${nameOf(1)}.bad`]);
});

test('of a heap of commands some are taken at once, the rest later', async () => {
  const { dir, commands } = await stateDirectory();
  for (let i = 0; i < 150; i++) await writeFile(join(commands, nameOf(i)), JSON.stringify(command(`k${i}`)));
  const first = await taken(dir);
  expect(first.keys).toHaveLength(100);
  expect([...first.keys, ...(await taken(dir)).keys]).toEqual(Array.from({ length: 150 }, (_, i) => `k${i}`));
});
