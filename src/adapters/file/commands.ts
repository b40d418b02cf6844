import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, expectation, forget, mute, unmute } from '../../domain/command';
import { ensureDirectory, listNames, replaceFile, writeAll } from './durable';

const NAME = /^\d{15}-[0-9a-f-]{36}\.json$/;
const MAX_BYTES = 65_536;
/** Of more than this the rest waits for the next call, so that a heap of them holds up nothing else. */
const MOST_AT_ONCE = 100;

const folder = (stateDir: string) => join(stateDir, 'commands');

/** Leaves a command for the process that works on the state directory. Durable when it resolves. */
export async function leaveCommand(stateDir: string, command: Command, now: number): Promise<void> {
  const dir = folder(stateDir);
  await ensureDirectory(dir);
  const name = `${String(now).padStart(15, '0')}-${randomUUID()}.json`;
  await replaceFile(join(dir, name), (handle) => writeAll(handle, Buffer.from(JSON.stringify(command)), 0));
}

/**
 * Hands the commands that were left to `take`, in the order of their times. One is removed when `take` answered true, so a
 * crash in between gives it again, which changes nothing. What is no command (too large, a link, a directory) is put aside
 * as `….bad` and told of.
 */
export async function takeCommands(
  stateDir: string,
  take: (command: Command) => Promise<boolean>,
  onBad: (name: string) => void,
): Promise<void> {
  const dir = folder(stateDir);
  const names = (await listNames(dir)).filter((name) => NAME.test(name));
  for (const name of names.slice(0, MOST_AT_ONCE)) {
    const path = join(dir, name);
    const command = await commandIn(path);
    if (command === undefined) {
      await rename(path, `${path}.bad`);
      onBad(name);
    } else if (await take(command)) await rm(path, { force: true });
  }
}

async function commandIn(path: string): Promise<Command | undefined> {
  try {
    const { type, ...rest } = JSON.parse((await readPlain(path)).toString('utf8')) as { type?: unknown };
    if (type === 'forget') return { type, ...forget.parse(rest) };
    if (type === 'mute') return { type, ...mute.parse(rest) };
    if (type === 'unmute') return { type, ...unmute.parse(rest) };
    return type === 'expect' ? { type, ...expectation.parse(rest) } : undefined;
  } catch {
    return undefined;
  }
}

/** Rejects on all but a plain file of at most `MAX_BYTES`; a link is not followed, and a pipe not waited for. */
async function readPlain(path: string): Promise<Buffer> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const info = await handle.stat();
    if (!info.isFile() || info.size > MAX_BYTES) throw new Error('no command');
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}
