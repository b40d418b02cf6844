import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHttp, type Part } from '../../src/adapters/http';
import { createMetrics } from '../../src/adapters/metrics';
import { askStatus } from '../../src/app/status';
import { statusText } from '../../src/bin/status';
import { configSchema } from '../../src/config';
import { temporaryDirectories } from '../support/files';

const directory = temporaryDirectories();
const NOW = Date.parse('2026-03-01T12:00:00Z');
const configFor = async (port: number) =>
  configSchema.parse({ source: { kind: 'stdin' }, http: { port }, state: { dir: await directory() } });

const running = async (parts: readonly Part[]) => {
  const metrics = createMetrics({ version: '1.2.3', now: () => NOW, process: false });
  const { telemetry } = metrics;
  telemetry.watermark(0, NOW - 90_000);
  telemetry.watermark(1, NOW - 10_000);
  telemetry.lag(0, 1_200);
  telemetry.lag(1, 34);
  telemetry.state(0, 40, 1_000);
  telemetry.learning(0, true);
  telemetry.learning(1, false);
  telemetry.breakerOpen(true);
  telemetry.suspended(2);
  telemetry.delivery('kafka:alerts', 'written', 7);
  telemetry.delivery('kafka:alerts', 'retried', 3);
  telemetry.deadLetters('written', 5);
  const http = await createHttp({ host: '127.0.0.1', port: 0, parts: () => parts, metrics });
  return { http, port: Number(new URL(http.url).port) };
};

test('a running process is told in a page, with what keeps it from being ready', async () => {
  const { http, port } = await running([{ name: 'source kafka:usage', problem: () => 'broker unreachable' }]);
  try {
    const found = await askStatus(await configFor(port), () => NOW);
    expect(found).toMatchObject({
      down: undefined,
      ready: false,
      problems: [{ part: 'source kafka:usage', problem: 'broker unreachable' }],
      version: '1.2.3',
      eventTimeLag: 90,
      consumerLag: 1_234,
      keys: 40,
      learning: { partitions: 1, of: 2 },
      breakerOpen: true,
      suspendedKeys: 2,
      deliveries: [{ sink: 'kafka:alerts', written: 7, retried: 3, failed: 0 }],
      deadLetters: { written: 5, suppressed: 0 },
    });
    const page = statusText(found);
    for (const text of [
      'NOT READY',
      'broker unreachable',
      '90 s behind',
      '1,234',
      '1 of 2 partitions LEARN',
      'OPEN',
      '7 written, 3 tried again',
    ]) {
      expect(page).toContain(text);
    }
  } finally {
    await http.close();
  }
});

test('a process that is well is ready', async () => {
  const { http, port } = await running([]);
  try {
    expect(await askStatus(await configFor(port), () => NOW)).toMatchObject({ ready: true, problems: [] });
  } finally {
    await http.close();
  }
});

test('nobody there, and somebody else there, are told as such', async () => {
  const server = createServer((_, response) => response.end('hello'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  expect(await askStatus(await configFor(port), () => NOW)).toMatchObject({
    ready: false,
    down: 'what answers there is not keywatch',
  });
  await new Promise((resolve) => server.close(resolve));
  const gone = await askStatus(await configFor(port), () => NOW);
  expect(gone).toMatchObject({ ready: false, down: 'ECONNREFUSED' });
  expect(statusText(gone)).toContain('does not answer');
});
