import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { InternalLogConfig } from '../../../config/log';
import { OperatorError } from '../../../options';
import { replaceFile } from '../../file/durable';

const FILE = 'log.json';
const remembered = z.object({ topic: z.string(), partitions: z.number() });

/**
 * Remembers in the state folder which internal log its states are of. Rejects with what to do where the configuration names
 * another topic or another number of partitions: states and positions would be another log's.
 */
export async function holdToLog(dir: string, { topic, partitions }: InternalLogConfig): Promise<void> {
  const path = join(dir, FILE);
  const known = read(path);
  if (known !== undefined && (known.topic !== topic || known.partitions !== partitions)) {
    throw new OperatorError(
      `the state in ${dir} is of internal log ${known.topic} with ${known.partitions} partitions, the configuration names ` +
        `${topic} with ${partitions}: keys would change their partitions and lose their baselines. Give source.log its ` +
        'former values, or another state.dir (and checkpoint topic) to learn afresh',
    );
  }
  if (known === undefined)
    await replaceFile(path, async (handle) => void (await handle.writeFile(JSON.stringify({ topic, partitions }))));
}

function read(path: string): z.infer<typeof remembered> | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return remembered.parse(JSON.parse(text));
}
