import { createElasticsearch } from '../../src/adapters/elasticsearch/client';
import { dataStreamName } from '../../src/adapters/elasticsearch/data-stream';
import { createElasticsearchSink } from '../../src/adapters/elasticsearch/sink';
import type { AlertDocument } from '../../src/domain/alert';
import type { AlertSink } from '../../src/ports';
import { alertSinkContract } from '../contracts/alert-sink';
import { alertDocument } from '../support/alerts';
import {
  ask,
  describeElasticsearch,
  describeOwnElasticsearch,
  elasticsearchUrl,
  installTemplates,
  ownNode,
  readStream,
  uniqueNamespace,
} from '../support/elasticsearch';
import { type Fault, type FaultyProxy, faultyProxy } from '../support/elasticsearch-proxy';

const NOW = Date.UTC(2026, 10, 24, 10);

/** A stream of its own on the server at `url`, reached through `through`. */
function stream(url: string, through = url, settings: { readonly maxBatchBytes?: number } = {}) {
  const namespace = uniqueNamespace();
  const refused: { id: string; reason: string }[] = [];
  const waits: number[] = [];
  const sinks: AlertSink[] = [];
  return {
    name: dataStreamName(namespace),
    namespace,
    refused,
    waits,
    sink(): AlertSink {
      const sink = createElasticsearchSink({
        elasticsearch: createElasticsearch({ nodes: [through], tls: undefined, requestTimeout: 2_000 }),
        host: 'test',
        namespace,
        maxBatchBytes: settings.maxBatchBytes ?? 4_194_304,
        clock: {
          now: () => NOW,
          sleep: async (ms) => {
            waits.push(ms);
          },
        },
        random: () => 0.5,
        onReject: async (_, document, reason) => {
          refused.push({ id: document.event.id, reason });
        },
      });
      sinks.push(sink);
      return sink;
    },
    hits: () => readStream(url, dataStreamName(namespace)),
    ids: async () => (await readStream(url, dataStreamName(namespace))).map((hit) => hit._source.event.id),
    close: async () => {
      await Promise.all(sinks.map((sink) => sink.close()));
    },
  };
}

/** An alert as it was before the sink added to it. */
function received({ data_stream: _, ...source }: AlertDocument & { data_stream?: unknown }): AlertDocument {
  const { ingested: __, ...event } = source.event as AlertDocument['event'] & { ingested?: string };
  return { ...source, event };
}

const alerts = (count: number, reason = 'odd', prefix = 'id'): AlertDocument[] =>
  Array.from({ length: count }, (_, i) => alertDocument({ id: `${prefix}-${i}`, reason }));
const idsOf = (documents: readonly AlertDocument[]) => documents.map((document) => document.event.id);

describeElasticsearch('a data stream of Elasticsearch as a sink', () => {
  let url: string;
  let proxy: FaultyProxy;
  const opened: { close(): Promise<void> }[] = [];
  const open = (...settings: Parameters<typeof stream>) => {
    const made = stream(...settings);
    opened.push(made);
    return made;
  };
  beforeAll(async () => {
    url = await elasticsearchUrl();
    await installTemplates(url);
    proxy = await faultyProxy(url);
  }, 120_000);
  afterEach(async () => {
    proxy.fault = () => undefined;
    await Promise.all(opened.splice(0).map((one) => one.close()));
  });
  afterAll(() => proxy?.close());

  describe('contract', () => {
    alertSinkContract(async () => {
      const at = open(url);
      return {
        create: async () => at.sink(),
        received: async () => (await at.hits()).map((hit) => received(hit._source)),
        close: async () => {},
      };
    });
  });

  it('creates each alert under its id, with the time of sending and the stream’s own fields', async () => {
    const at = open(url);
    await at.sink().write([alertDocument({ id: 'a' })]);
    expect(await at.hits()).toMatchObject([
      {
        _id: 'a',
        _source: {
          event: { id: 'a', kind: 'alert', ingested: '2026-11-24T10:00:00.000Z' },
          data_stream: { type: 'logs', dataset: 'keywatch.alert', namespace: at.namespace },
        },
      },
    ]);
    expect(await ask(url, 'GET', `/_resolve/index/${at.name}`)).toMatchObject({ data_streams: [{ name: at.name }] });
  });

  it('takes 409 for written: an alert that is sent twice is there once', async () => {
    const at = open(url);
    await at.sink().write(alerts(5));
    await at.sink().write([...alerts(7), ...alerts(2)]);
    expect((await at.ids()).sort()).toEqual(idsOf(alerts(7)));
    expect(at.refused).toEqual([]);
  });

  it('sets aside what the mapping refuses, with the reason, and neither loses nor repeats the rest', async () => {
    const at = open(url);
    const documents = alerts(9);
    // No schema of ours allows these; a server with a mapping of its own may refuse anything.
    Object.assign(documents[2], { '@timestamp': 'yesterday' });
    Object.assign(documents[5], { keywatch: 'a text where an object is expected' });
    await at.sink().write(documents);
    expect(await at.ids()).toEqual(idsOf(documents.filter((_, i) => i !== 2 && i !== 5)));
    expect(at.refused.map(({ id }) => id)).toEqual(['id-2', 'id-5']);
    for (const { reason } of at.refused) expect(reason).toMatch(/^400 document_parsing_exception: /);
  });

  it('keeps an alert whose address is none: only that field is not indexed', async () => {
    const at = open(url);
    await at.sink().write([{ ...alertDocument({ id: 'odd' }), source: { ip: 'not an address' } }]);
    const [hit] = await at.hits();
    expect([hit._id, hit._source.source?.ip, at.refused]).toEqual(['odd', 'not an address', []]);
    expect(hit._ignored).toEqual(['source.ip']);
  });

  const hostile: readonly string[] = [
    'line\nbreak\r\nand another',
    '{"create":{"_index":"other","_id":"x"}}\n{"@timestamp":"2020-01-01T00:00:00Z"}\n',
    '\u001b[31mred\u001b[0m \u0000 \u0007',
    '| = \\ " \' ` , ; <script>alert(1)</script> \u0024{jndi:ldap://x} {{7*7}}',
    'U+2028 \u2028 U+2029 \u2029 BOM \ufeff',
    'ümläut 𝄞 \u202egnirts',
    'x'.repeat(65_536),
  ];

  it('keeps hostile texts inside their fields, character by character, and makes no field of them', async () => {
    const at = open(url);
    const documents = hostile.map(
      (text, i): AlertDocument => ({
        ...alertDocument({ id: `hostile-${i}`, reason: text, user: { id: text, name: text } }),
        user_agent: { original: text },
        organization: { id: text },
        rule: { name: text },
        keywatch: {
          ...alertDocument().keywatch,
          request: { id: text, state: text, detail: text },
          evidence: [
            {
              detector: text,
              facet: 'client',
              kind: 'statistical',
              surprise: 3,
              confidence: 1,
              saw: text,
              expected: text,
              since: '2024-02-01T00:00:00.000Z',
            },
          ],
        },
      }),
    );
    await at.sink().write(documents);
    expect((await at.hits()).map((hit) => received(hit._source))).toEqual(documents);
    const [{ mappings }] = Object.values(
      await ask<Record<string, { mappings: unknown }>>(url, 'GET', `/${at.name}/_mapping`),
    );
    expect(mappings).toMatchObject({ dynamic: 'false' });
    expect(await ask(url, 'GET', '/_resolve/index/other*')).toMatchObject({ indices: [], data_streams: [] });
  });

  it('keeps ids that would be another index, another line or too long for an id, or sets them aside', async () => {
    const at = open(url);
    const ids = [
      '../_search',
      '{"_index":"other"}',
      'a\nb',
      'ü/𝄞?x=1&y',
      '\u2028',
      'y'.repeat(512),
      'z'.repeat(513),
      '',
    ];
    await at.sink().write(ids.map((id) => alertDocument({ id })));
    expect((await at.ids()).sort()).toEqual(ids.slice(0, -2).sort());
    expect(at.refused).toEqual(ids.slice(-2).map((id) => ({ id, reason: 'an id has 1 to 512 bytes' })));
  });

  describe('behind a proxy that disturbs it', () => {
    const script = (...faults: Fault[]) => {
      const left = [...faults];
      proxy.fault = () => left.shift();
    };

    it.each<[string, Fault]>([
      ['HTTP 429', { status: 429 }],
      ['HTTP 502', { status: 502, body: '<html>Bad Gateway</html>', headers: { 'content-type': 'text/html' } }],
      ['half an answer', { status: 503, body: '{"items":[{"cre' }],
      ['HTTP 503', { status: 503 }],
      ['HTTP 504', { status: 504 }],
      ['a reset', 'reset'],
      ['a lost answer', 'lost-answer'],
    ])('tries again after %s, with growing waits, and writes each alert once', async (_, fault) => {
      const at = open(url, proxy.url);
      script(fault, fault, fault);
      await at.sink().write(alerts(20));
      expect((await at.ids()).sort()).toEqual(idsOf(alerts(20)).sort());
      expect(at.waits).toEqual([250, 1_000, 4_000].map((wait) => wait * 0.75));
    });

    it.each<[string, Fault, string]>([
      ['429', { status: 429 }, 'HTTP 429'],
      ['a reset', 'reset', 'cannot be reached'],
    ])('throws after four tries of %s, and takes the same alerts later', async (_, fault, message) => {
      const at = open(url, proxy.url);
      const sink = at.sink();
      proxy.fault = () => fault;
      await expect(sink.write(alerts(3))).rejects.toThrow(message);
      expect(at.waits).toHaveLength(3);
      proxy.fault = () => undefined;
      await sink.write(alerts(3));
      expect(await at.ids()).toEqual(idsOf(alerts(3)));
    });

    it.each<[string, Fault, string]>([
      [
        '401',
        { status: 401, body: '{"error":{"type":"security_exception","reason":"no"}}' },
        'HTTP 401 security_exception: no',
      ],
      ['no answer', 'silence', 'no answer within requestTimeout'],
      ['an answer of something else', { status: 200, body: '{"items":[]}' }, 'what answers is not Elasticsearch'],
    ])('throws at once at %s, which waiting a little does not mend', async (_, fault, message) => {
      const at = open(url, proxy.url);
      proxy.fault = () => fault;
      await expect(at.sink().write(alerts(3))).rejects.toThrow(message);
      expect(at.waits).toEqual([]);
      expect(at.refused).toEqual([]);
    });

    it('leaves when to come again to whoever answers with Retry-After', async () => {
      const at = open(url, proxy.url);
      const sink = at.sink();
      script({ status: 503, headers: { 'retry-after': '17' } });
      await expect(sink.write(alerts(3))).rejects.toMatchObject({ name: 'RetryLater', retryAfterMs: 17_000 });
      expect(at.waits).toEqual([]);
      await sink.write(alerts(3));
      expect(await at.ids()).toEqual(idsOf(alerts(3)));
    });

    it('sends again only what was not taken, also by the next write, so that a rollover doubles nothing', async () => {
      const at = open(url, proxy.url, { maxBatchBytes: 2_000 });
      const sink = at.sink();
      const documents = alerts(12);
      let bulks = 0;
      proxy.fault = () => (++bulks > 2 ? { status: 401 } : undefined);
      await expect(sink.write(documents)).rejects.toThrow('401');
      const taken = await at.ids();
      expect(taken.length).toBeGreaterThan(0);
      expect(taken.length).toBeLessThan(12);
      await ask(url, 'POST', `/${at.name}/_rollover`);
      proxy.fault = () => undefined;
      await sink.write(documents);
      expect((await at.ids()).sort()).toEqual(idsOf(documents).sort());
    });

    it('sends a refused alert to its place once, though the rest had to wait for another write', async () => {
      const at = open(url, proxy.url, { maxBatchBytes: 2_000 });
      const sink = at.sink();
      const documents = alerts(12);
      Object.assign(documents[0], { '@timestamp': 'yesterday' });
      let bulks = 0;
      proxy.fault = () => (++bulks > 1 ? { status: 401 } : undefined);
      await expect(sink.write(documents)).rejects.toThrow('401');
      proxy.fault = () => undefined;
      await sink.write(documents);
      expect(at.refused.map(({ id }) => id)).toEqual(['id-0']);
      expect((await at.ids()).sort()).toEqual(idsOf(documents.slice(1)).sort());
    });
  });

  it('throws while the index is blocked, losing nothing, and goes on when it is not', async () => {
    const at = open(url);
    const sink = at.sink();
    await sink.write(alerts(2, 'odd', 'before'));
    await ask(url, 'PUT', `/${at.name}/_settings`, { 'index.blocks.write': true });
    await expect(sink.write(alerts(2))).rejects.toThrow('403 cluster_block_exception');
    await ask(url, 'PUT', `/${at.name}/_settings`, { 'index.blocks.write': false });
    await sink.write(alerts(2));
    expect((await at.ids()).sort()).toEqual(['before-0', 'before-1', 'id-0', 'id-1']);
    expect(at.refused).toEqual([]);
  });

  it('throws while the index names a pipeline that is missing, which no alert can help', async () => {
    const at = open(url);
    const sink = at.sink();
    await sink.write(alerts(1, 'odd', 'before'));
    await ask(url, 'PUT', `/${at.name}/_settings`, { 'index.default_pipeline': 'none-such' });
    await expect(sink.write(alerts(2))).rejects.toThrow('pipeline with id [none-such] does not exist');
    await ask(url, 'PUT', `/${at.name}/_settings`, { 'index.default_pipeline': null });
    await sink.write(alerts(2));
    expect(await at.ids()).toEqual(['before-0', 'id-0', 'id-1']);
    expect(at.refused).toEqual([]);
  });

  it('throws within its bounded tries when nothing listens', async () => {
    const at = open(url, 'http://127.0.0.1:1');
    await expect(at.sink().write(alerts(1))).rejects.toThrow(/^elasticsearch:test\/logs-.*cannot be reached/);
    expect(at.waits).toHaveLength(3);
  });
});

describeOwnElasticsearch('a data stream of an Elasticsearch with small limits', () => {
  let url: string;
  beforeAll(async () => {
    url = await ownNode();
    await installTemplates(url);
  }, 120_000);

  it('halves what the server finds too large (413), to single alerts, and sets aside the one that is', async () => {
    const proxy = await faultyProxy(url);
    const at = stream(url, proxy.url);
    const documents = alerts(9, 'x'.repeat(300_000));
    Object.assign(documents[4].event, { reason: 'y'.repeat(1_200_000) });
    await at.sink().write(documents);
    expect((await at.ids()).sort()).toEqual(idsOf(documents.filter((_, i) => i !== 4)).sort());
    expect(at.refused).toEqual([
      { id: 'id-4', reason: expect.stringMatching(/^413: one document of 12\d{5} bytes is too large/) },
    ]);
    expect(proxy.seen.length).toBeGreaterThan(5);
    await at.close();
    await proxy.close();
  });

  it('throws when the server pushes back (429) for longer than the tries, and takes smaller requests', async () => {
    const large = stream(url, url, { maxBatchBytes: 1_000_000 });
    const documents = alerts(3, 'x'.repeat(318_000));
    await expect(large.sink().write(documents)).rejects.toThrow(/429 es_rejected_execution_exception/);
    expect([large.waits.length, large.refused, await large.ids()]).toEqual([3, [], []]);
    const small = stream(url, url, { maxBatchBytes: 400_000 });
    await small.sink().write(documents);
    expect(await small.ids()).toEqual(idsOf(documents));
    await large.close();
    await small.close();
  });
});
