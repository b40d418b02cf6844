import { open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, isMissing, PRIVATE_MODE } from './durable';

/**
 * Keeps two processes out of one state directory: both would write the same checkpoints. The lock names its process; one
 * left behind by a crash is taken over. Rejects, naming the holder, while that process lives. Answers how to unlock.
 */
export async function lockState(dir: string): Promise<() => Promise<void>> {
  const path = join(dir, 'lock');
  for (;;) {
    try {
      const handle = await open(path, 'wx', PRIVATE_MODE);
      await handle.writeFile(`${process.pid}\n`);
      await handle.close();
      return () => unlink(path);
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    }
    const holder = await holderOf(path);
    if (holder !== undefined && holder !== process.pid && isAlive(holder)) {
      const fault = new Error(`state.dir is in use by process ${holder} (${path}); give each process its own`);
      throw Object.assign(fault, { code: 'ELOCKED' });
    }
    await unlink(path).catch((error) => {
      if (!isMissing(error)) throw error;
    });
  }
}

async function holderOf(path: string): Promise<number | undefined> {
  const text = await readFile(path, 'utf8').catch((error) => {
    if (isMissing(error)) return '';
    throw error;
  });
  const pid = Number.parseInt(text, 10);
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

/** Signal 0 asks whether a process exists; EPERM means that it does and is another user's. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
