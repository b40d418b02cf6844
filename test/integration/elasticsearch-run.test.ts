import { writeFile } from 'node:fs/promises';
import { dataStreamName } from '../../src/adapters/elasticsearch/data-stream';
import { formatRecord, simulate } from '../../src/simulate/simulate';
import {
  describeElasticsearch,
  elasticsearchUrl,
  installTemplates,
  readStream,
  uniqueNamespace,
} from '../support/elasticsearch';
import { faultyProxy } from '../support/elasticsearch-proxy';
import { documentsIn, easyPolicy, embedded, environment, positionIn } from '../support/embedded';
import { temporaryDirectories } from '../support/files';
import { eventually } from '../support/kafka-source';
import { keywatch } from '../support/keywatch';

const directory = temporaryDirectories();
const lines = [...simulate({ seed: 5, keys: 12, days: 8, ratePerKeyDay: 30, thefts: 4 })].map(({ record }) =>
  formatRecord(record),
);

describeElasticsearch('keywatch run with alerts to Elasticsearch', () => {
  it('reads, decides and tells the other outputs while the cluster does not answer, and delivers when it does', async () => {
    const url = await elasticsearchUrl();
    await installTemplates(url);
    const proxy = await faultyProxy(url);
    proxy.fault = () => 'silence';
    const namespace = uniqueNamespace();
    const dir = await directory();
    const paths = embedded(dir, {
      policy: easyPolicy,
      alerts: [
        { kind: 'file', path: `${dir}/alerts.ndjson` },
        { kind: 'elasticsearch', nodes: [proxy.url], allowHttp: true, namespace, requestTimeout: '1s' },
      ],
    });
    await writeFile(paths.input, `${lines.join('\n')}\n`);
    const run = keywatch(['run', '-c', paths.config], environment);
    // The end of the log is reached, and all that was decided on the way is in the file: nothing waited for the cluster.
    await eventually(async () => {
      if (run.child.exitCode !== null) throw new Error(`keywatch ended: ${run.said()}`);
      return positionIn(paths.state) === lines.length && proxy.seen.length > 0;
    });
    await eventually(async () => documentsIn(paths.alerts).length > 5);
    expect(await readStream(url, dataStreamName(namespace))).toEqual([]);
    const ready = async () => (await fetch(`${await run.url()}/readyz`)).text();
    await eventually(async () => (await ready()).includes('no answer within requestTimeout'));

    proxy.fault = () => undefined;
    const told = async () =>
      documentsIn(paths.alerts)
        .map((document) => document.event.id)
        .sort();
    const stored = async () => (await readStream(url, dataStreamName(namespace))).map((hit) => hit._id).sort();
    await eventually(async () => (await stored()).length >= (await told()).length);
    expect(await stored()).toEqual(await told());
    expect(await run.stop()).toBe(0);
    await proxy.close();
  }, 120_000);
});
