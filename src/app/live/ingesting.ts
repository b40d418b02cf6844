import { createIngest, type Ingest } from '../../ingest/ingest';
import type { CommandContext } from '../../options';
import { drive } from '../drive';
import { configuredHasher } from '../hashing';
import { watchParts } from '../watch';
import { openDeadLetters } from './alerts';
import type { House } from './house';
import { type LoggedSource, openIngest } from './logging';

/** Records to events, as the configuration has it. */
export const ingestOf = ({ config, log }: Pick<House, 'config' | 'log'>): Ingest =>
  createIngest({
    ...config.ingest,
    hashKey: configuredHasher(config.ingest),
    onRecognised: (format, why) => log.info({ format, why }, 'format of the log recognised'),
  });

/**
 * A process with the Ingest half alone: source to internal log, and dead letters. It keeps nothing on disk, decides nothing
 * and enforces nothing; any number of them may run.
 */
export async function runIngest(house: House, source: LoggedSource, { stop }: CommandContext): Promise<void> {
  const { clock, log, parts, patience } = house;
  const deadLetters = openDeadLetters(house);
  const { source: reading, handler } = openIngest(house, source, ingestOf(house), deadLetters);
  parts.push({ name: `source ${reading.name}`, problem: () => reading.problem() });
  parts.splice(
    parts.findIndex((part) => part.name === 'start'),
    1,
  );
  const runtime = { ...handler, tick: async () => undefined, close: async () => undefined };
  const look = watchParts(() => parts, log);
  const whole = await drive({
    source: reading,
    runtime,
    clock,
    stop,
    patience,
    log,
    beforeTick: () => undefined,
    look,
  });
  if (whole) log.info('stopped: packs are durable, positions committed');
}
