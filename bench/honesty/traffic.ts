import { createGeoip } from '../../src/adapters/geoip';
import { placing } from '../../src/app/core';
import type { UsageEvent } from '../../src/domain/event';
import { createIngest } from '../../src/ingest/ingest';
import { formatRecord, type SimulateOptions, simulate } from '../../src/simulate/simulate';
import { defaults } from './listen';

/** Lines of keywatch's own format as events with country, as `keywatch replay` reads them. */
export function reader(): (line: string) => UsageEvent | undefined {
  const { keyIs, keyField, trustedProxies, maxRecordBytes } = defaults().ingest;
  const ingest = createIngest({
    ...{ format: 'keywatch' as const, hashKey: undefined },
    ...{ keyIs, keyField, trustedProxies, maxRecordBytes },
  });
  const place = placing(createGeoip());
  return (line) => {
    const [result] = ingest.ingest(Buffer.from(line));
    return result?.kind === 'event' ? place(result.event) : undefined;
  };
}

/** Events of a simulation without thefts. */
export function* benign(options: Omit<SimulateOptions, 'thefts'>): Generator<UsageEvent> {
  const read = reader();
  for (const { record } of simulate(options)) yield read(formatRecord(record))!;
}
