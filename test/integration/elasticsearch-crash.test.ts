import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { dataStreamName } from '../../src/adapters/elasticsearch/data-stream';
import { random } from '../../src/simulate/random';
import {
  describeElasticsearch,
  elasticsearchUrl,
  installTemplates,
  readStream,
  uniqueNamespace,
} from '../support/elasticsearch';
import { type Fault, faultyProxy } from '../support/elasticsearch-proxy';
import { temporaryDirectories } from '../support/files';

/** The whole: `KEYWATCH_TEST_ALERTS=100000`. */
const ALERTS = Number(process.env.KEYWATCH_TEST_ALERTS ?? 20_000);
const KILLS = 4;
const root = join(__dirname, '..', '..');
const directory = temporaryDirectories();

const faults: readonly Fault[] = [
  { status: 429 },
  { status: 502 },
  { status: 503 },
  'reset',
  'lost-answer',
  { status: 413 },
];

describeElasticsearch('a writer that is killed again and again, on a network that fails at random', () => {
  it(`has every one of ${ALERTS} alerts in the index exactly once`, async () => {
    const url = await elasticsearchUrl();
    await installTemplates(url);
    const namespace = uniqueNamespace();
    const dir = await directory();
    const proxy = await faultyProxy(url);
    const chance = random('elasticsearch-crash');
    let passed = 0;
    const count = new Map<Fault, number>();
    let arrived: () => void = () => {};
    proxy.fault = ({ body }) => {
      passed += 1;
      arrived();
      const fault = chance.chance(0.3) ? chance.pick(faults) : undefined;
      // One alert alone that is too large would be set aside, rightly.
      if (typeof fault === 'object' && fault.status === 413 && body.split('\n').length <= 3) return undefined;
      count.set(fault, (count.get(fault) ?? 0) + 1);
      return fault;
    };
    const start = () => {
      const child = spawn(
        process.execPath,
        ['-r', join(root, 'bench', 'register.js'), join(root, 'test', 'support', 'elasticsearch-writer.ts')],
        {
          env: { ...process.env, WRITER: JSON.stringify({ url: proxy.url, namespace, dir, alerts: ALERTS }) },
          stdio: ['ignore', 'ignore', 'inherit'],
        },
      );
      return { child, exited: once(child, 'exit') as Promise<[number | null, string | null]> };
    };
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const { child, exited } = start();
      // In the middle of a request: what was carried out and what was told differ. Spread over the first two thirds.
      const wanted = passed + 2 + chance.int(Math.max(4, Math.floor((0.66 * ALERTS) / 500 / KILLS)));
      await new Promise<void>((resolve) => {
        arrived = () => {
          if (passed >= wanted) resolve();
        };
      });
      arrived = () => {};
      child.kill('SIGKILL');
      expect(await exited).toEqual([null, 'SIGKILL']);
    }
    const { exited } = start();
    expect(await exited).toEqual([0, null]);

    const found = (await readStream(url, dataStreamName(namespace))).map((hit) => hit._id);
    const ids = new Set(found);
    expect([found.length, ids.size]).toEqual([ALERTS, ALERTS]);
    expect(Array.from({ length: ALERTS }, (_, i) => `id-${i}`).filter((id) => !ids.has(id))).toEqual([]);
    expect(existsSync(join(dir, 'undelivered.ndjson'))).toBe(false);
    // The test was one: every kind of fault came up, or nearly.
    expect([...count.keys()].filter((fault) => fault !== undefined).length).toBeGreaterThan(3);
    await proxy.close();
  }, 300_000);
});
