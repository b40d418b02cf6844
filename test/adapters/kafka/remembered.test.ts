import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { holdToLog } from '../../../src/adapters/kafka/log/remembered';
import { internalLog } from '../../../src/config/log';

test('a state folder is held to the internal log that its states are of', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'keywatch-'));
  const log = internalLog.parse({ topic: 'log', partitions: 6 });
  await holdToLog(dir, log);
  await holdToLog(dir, { ...log, generation: 2, roles: ['detect'] });
  await expect(holdToLog(dir, { ...log, partitions: 12 })).rejects.toThrow(
    /log with 6 partitions, the configuration names log with 12.*former values/,
  );
  await expect(holdToLog(dir, { ...log, topic: 'other' })).rejects.toThrow('keys would change their partitions');
  await rm(dir, { recursive: true });
});
