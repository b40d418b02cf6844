import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { routingOf } from '../../src/app/routing';
import { configSchema } from '../../src/config';
import type { AlertDocument } from '../../src/domain/alert';
import type { AlertSink } from '../../src/ports';
import { alertDocument } from '../support/alerts';
import { temporaryDirectories } from '../support/files';
import { manualClock } from '../support/time';

const directory = temporaryDirectories();
const incident = { id: 'i', state: 'open', requests: 1 } as const;

/** The sinks of a configuration, and what reached each of them. */
function outputsOf(document: object, now = 0) {
  const config = configSchema.parse({ source: { kind: 'stdin' }, ...document });
  const routed = routingOf(config, manualClock(now), { delivery: () => {} }, { warn: () => {} });
  return config.alerts.map((output, i) => {
    const got: AlertDocument[] = [];
    const bare: AlertSink = {
      name: `${output.kind} ${i}`,
      write: async (d) => void got.push(...d),
      close: async () => {},
    };
    return { sink: routed(bare, output), bare, got };
  });
}

test('an output that takes everything has nothing in front of it', () => {
  const [plain, choosy] = outputsOf({
    alerts: [
      { kind: 'console', record: true },
      { kind: 'console', minSeverity: 'high' },
    ],
  });
  expect(plain.sink).toBe(plain.bare);
  expect(choosy.sink).not.toBe(choosy.bare);
  expect(choosy.sink.name).toBe(choosy.bare.name);
});

test('a window by tier mutes the console, keeps the file, and leaves its count in the state directory', async () => {
  const dir = await directory();
  const outputs = outputsOf({
    alerts: [{ kind: 'console' }, { kind: 'file', path: 'alerts.ndjson' }],
    state: { dir },
    policy: { tiers: [{ match: 'batch-*', tier: 'batch' }] },
    maintenance: [
      {
        name: 'load-test',
        from: '2024-03-01T09:00:00Z',
        to: '2024-03-01T11:00:00Z',
        match: { tiers: ['batch'] },
      },
    ],
  });
  const documents = ['batch-1', 'web-1'].map((key) =>
    alertDocument({ id: key, user: { id: key, name: key }, keywatch: { incident } }),
  );
  for (const { sink } of outputs) {
    await sink.write(documents);
    await sink.close();
  }
  const told = outputs.map(({ got }) =>
    got.map(({ event, keywatch }) => `${event.id} ${event.kind} ${keywatch.muted ?? ''}`),
  );
  expect(told).toEqual([['web-1 alert '], ['batch-1 event load-test', 'web-1 alert ']]);
  expect(readdirSync(join(dir, 'routing'))).toHaveLength(2);
});
