import { examine } from '../../src/app/doctor';
import { configSchema } from '../../src/config';
import { describeElasticsearch, elasticsearchUrl, installTemplates, uniqueNamespace } from '../support/elasticsearch';
import { faultyProxy } from '../support/elasticsearch-proxy';
import { temporaryDirectories } from '../support/files';

const directory = temporaryDirectories();

describeElasticsearch('doctor on a real cluster', () => {
  test('says what it may write, and sees whether the templates are those of keywatch', async () => {
    const server = await elasticsearchUrl();
    // The bare server of the tests lacks the module that answers at the root.
    const proxy = await faultyProxy(server);
    proxy.fault = ({ path }) =>
      path === '/'
        ? {
            status: 200,
            body: '{"version":{"number":"8.17.0"}}',
            headers: { 'x-elastic-product': 'Elasticsearch', 'content-type': 'application/json' },
          }
        : undefined;
    const { url } = proxy;
    const config = configSchema.parse({
      source: { kind: 'stdin' },
      state: { dir: await directory() },
      alerts: [{ kind: 'elasticsearch', nodes: [url], allowHttp: true, namespace: uniqueNamespace() }],
    });
    await installTemplates(server);
    const findings = await examine({ config, fileFaults: [], now: Date.now }).finally(() => proxy.close());
    const name = `Elasticsearch ${new URL(url).host}`;
    const of = (check: string) => findings.find((finding) => finding.check === check);
    expect(of(name)?.saw).toBe('answers, version 8.17.0');
    expect(of(`${name} credentials`)?.standing).toBe('ok');
    // A bare server has them with field types of its own (see `withoutModules`); what is there is never "not installed".
    expect(of(`${name} templates`)?.saw).not.toContain('not installed');
  });
});
