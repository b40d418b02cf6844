import { randomUUID } from 'node:crypto';
import { constants, copyFile, link, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, isMissing, PRIVATE_MODE } from './durable';

/**
 * Keeps two processes out of one state directory: both would write the same checkpoints. The lock names its process; one
 * left behind by a crash is taken over, also when another program has got the process id since (told by its start time,
 * on Linux). Rejects, naming the holder, while that process lives. Answers how to unlock.
 *
 * Processes that do not see one another (containers with process ids of their own, other hosts) are not kept apart.
 */
export async function lockState(dir: string): Promise<() => Promise<void>> {
  const path = join(dir, 'lock');
  const mine = `${path}.${randomUUID().slice(0, 8)}.tmp`;
  // Linked into place whole: a lock that is being written must not look like one without a holder.
  await writeFile(mine, `${process.pid} ${await startOf(process.pid)}\n`, { mode: PRIVATE_MODE });
  try {
    for (;;) {
      try {
        await place(mine, path);
        return () => unlink(path);
      } catch (error) {
        if (errorCode(error) !== 'EEXIST') throw error;
      }
      const holder = await livingHolder(path);
      if (holder !== undefined) {
        const fault = new Error(`state.dir is in use by process ${holder} (${path}); give each process its own`);
        throw Object.assign(fault, { code: 'ELOCKED' });
      }
      await rm(path, { force: true });
    }
  } finally {
    await rm(mine, { force: true });
  }
}

/** Some file systems know no hard links; there the lock is briefly empty, and a start in that moment is not kept out. */
async function place(mine: string, path: string): Promise<void> {
  try {
    await link(mine, path);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(errorCode(error) ?? '')) throw error;
    await copyFile(mine, path, constants.COPYFILE_EXCL);
  }
}

/** The process that holds the lock of a state directory and lives; undefined where there is none, or it is this one. */
export function lockHolder(dir: string): Promise<number | undefined> {
  return livingHolder(join(dir, 'lock'));
}

async function livingHolder(path: string): Promise<number | undefined> {
  const text = await readFile(path, 'utf8').catch((error) => {
    if (isMissing(error)) return '';
    throw error;
  });
  const [first = '', start = ''] = text.trim().split(' ');
  const pid = Number.parseInt(first, 10);
  if (!(Number.isInteger(pid) && pid > 0) || pid === process.pid || !isAlive(pid)) return undefined;
  const now = await startOf(pid);
  return start === '' || now === '' || start === now ? pid : undefined;
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

/** Boot and start time of a process, which together with its id name it for good; '' where the system does not tell. */
async function startOf(pid: number): Promise<string> {
  try {
    const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // proc(5): field 22; the name in field 2 may hold spaces and parentheses, so fields are counted behind it.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return ticks === undefined ? '' : `${boot}:${ticks}`;
  } catch {
    return '';
  }
}
