import { randomUUID } from 'node:crypto';
import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, expectation } from '../../domain/command';
import { ensureDirectory, listNames, replaceFile, writeAll } from './durable';

const NAME = /^\d{15}-[0-9a-f-]{36}\.json$/;
const MAX_BYTES = 65_536;

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
 * crash in between gives it again, which changes nothing. What is no command is put aside as `….bad` and told of.
 */
export async function takeCommands(
  stateDir: string,
  take: (command: Command) => Promise<boolean>,
  onBad: (name: string) => void,
): Promise<void> {
  const dir = folder(stateDir);
  for (const name of await listNames(dir)) {
    if (!NAME.test(name)) continue;
    const path = join(dir, name);
    const command = commandIn(await readFile(path));
    if (command === undefined) {
      await rename(path, `${path}.bad`);
      onBad(name);
    } else if (await take(command)) await rm(path, { force: true });
  }
}

function commandIn(bytes: Buffer): Command | undefined {
  if (bytes.length > MAX_BYTES) return undefined;
  try {
    const { type, ...rest } = JSON.parse(bytes.toString('utf8')) as { type?: unknown };
    const parsed = expectation.safeParse(rest);
    return type === 'expect' && parsed.success ? { type: 'expect', ...parsed.data } : undefined;
  } catch {
    return undefined;
  }
}
