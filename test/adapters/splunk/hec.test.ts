import { buildConnector } from 'undici';
import { systemClock } from '../../../src/adapters/clock';
import { createPoster } from '../../../src/adapters/http-post';
import { RetryLater } from '../../../src/adapters/retry-later';
import { cimAlert } from '../../../src/adapters/siem/cim';
import { createSplunkSink, type SplunkOptions } from '../../../src/adapters/splunk/hec';
import type { AlertDocument } from '../../../src/domain/alert';
import { alertSinkContract } from '../../contracts/alert-sink';
import { alertDocument } from '../../support/alerts';
import { type HecDouble, hecDouble } from '../../support/hec-double';

const TOKEN = '12345678-1234-1234-1234-123456789012';
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const rejected: [sink: string, id: string, reason: string][] = [];
beforeEach(() => {
  rejected.length = 0;
});

function sinkAt(url: string, over: Partial<SplunkOptions> & { timeoutMs?: number } = {}) {
  const { timeoutMs = 5_000, ...rest } = over;
  const connect = buildConnector({ timeout: timeoutMs });
  return createSplunkSink({
    name: 'splunk:test',
    poster: createPoster({ url, connect, timeoutMs, now: Date.now }),
    token: TOKEN,
    index: 'security',
    source: 'keywatch',
    sourcetype: 'keywatch:alert',
    host: 'guard-0',
    ack: undefined,
    clock: systemClock,
    onReject: async (sink, document, reason) => void rejected.push([sink, document.event.id, reason]),
    ...rest,
  });
}

async function collector(options: { ack?: boolean } = {}): Promise<HecDouble> {
  const double = await hecDouble(TOKEN, options);
  closing.push(double.close);
  return double;
}

const envelope = (document: AlertDocument) => ({
  time: Date.parse(document['@timestamp']) / 1_000,
  host: 'guard-0',
  source: 'keywatch',
  sourcetype: 'keywatch:alert',
  index: 'security',
  event: cimAlert(document),
});
const documents = (...ids: string[]) => ids.map((id) => alertDocument({ id }));
const idsOf = ({ indexed }: HecDouble) => indexed.map(({ event }) => (event as { id: string }).id);
const busy = { status: 503, body: '{"text":"Server is busy","code":9}' };

describe.each([false, true])('Splunk HEC, against a double of the collector (acknowledgement: %p)', (ack) => {
  const acking = ack ? { ack: { waitMs: 5_000, timeoutMs: 60_000 } } : {};

  describe('contract', () => {
    alertSinkContract(
      async () => {
        const double = await hecDouble(TOKEN, { ack });
        return {
          create: async () => sinkAt(double.url, acking),
          received: async () => double.indexed,
          expected: envelope,
          fail: async (after) => {
            double.scripted.length = 0;
            if (after !== undefined) double.scripted.push(busy);
          },
          close: () => double.close(),
        };
      },
      { fails: true },
    );
  });

  it('sends several events in one request, and a large write in several', async () => {
    const double = await collector({ ack });
    const sink = sinkAt(double.url, acking);
    const many = Array.from({ length: 300 }, (_, i) => alertDocument({ id: `d${i}`, reason: 'x'.repeat(4_000) }));
    await sink.write(many);
    expect(idsOf(double)).toEqual(many.map(({ event }) => event.id));
    expect(double.requests.length).toBeGreaterThan(2);
    expect(double.requests.length).toBeLessThan(12);
    await sink.close();
  });

  it('sends nothing again of a large write whose later part failed', async () => {
    const double = await collector({ ack });
    const sink = sinkAt(double.url, acking);
    const many = Array.from({ length: 300 }, (_, i) => alertDocument({ id: `d${i}`, reason: 'x'.repeat(4_000) }));
    double.scripted.push(undefined, busy);
    await expect(sink.write(many)).rejects.toThrow('HTTP 503 (Server is busy, code 9)');
    await sink.write(many);
    expect(idsOf(double)).toEqual(many.map(({ event }) => event.id));
    await sink.close();
  });

  it('sets aside the one event that the collector refuses, and delivers the others', async () => {
    const double = await collector({ ack });
    const sink = sinkAt(double.url, acking);
    const invalid = { status: 400, body: '{"text":"Invalid data format","code":6,"invalid-event-number":1}' };
    // Five; two; two, then one at a time: the third of five is at fault.
    double.scripted.push(invalid, undefined, invalid, invalid, undefined);
    await sink.write(documents('1', '2', '3', '4', '5'));
    expect(idsOf(double)).toEqual(['1', '2', '4', '5']);
    expect(rejected).toEqual([['splunk:test', '3', 'Invalid data format, code 6']]);
    await sink.close();
  });
});

describe('Splunk HEC, against a double of the collector', () => {
  it.each([
    [{ status: 403, body: '{"text":"Invalid token","code":4}' }, 'HTTP 403 (Invalid token, code 4)'],
    [{ status: 400, body: '{"text":"Incorrect index","code":7}' }, 'HTTP 400 (Incorrect index, code 7)'],
    [{ status: 500, body: '<html>oops</html>' }, 'HTTP 500'],
    [{ status: 200, body: '{"text":"odd","code":8}' }, 'HTTP 200 (odd, code 8)'],
    [{ status: 200, body: '<html>Please log in</html>' }, 'what answers is no event collector'],
    [{ status: 200, body: '{}' }, 'what answers is no event collector'],
    [{ status: 503, body: `{"text":"busy","code":"${'x'.repeat(40)}"}` }, /^HTTP 503 \(busy\)$/],
    [{ status: 302, headers: { location: 'http://127.0.0.1:1/' } }, 'HTTP 302'],
  ])('tries again, and sets nothing aside, after %j', async (reply, words) => {
    const double = await collector();
    const sink = sinkAt(double.url);
    double.scripted.push(reply);
    await expect(sink.write(documents('1', '2'))).rejects.toThrow(words);
    await sink.write(documents('1', '2'));
    expect([idsOf(double), rejected]).toEqual([['1', '2'], []]);
    await sink.close();
  });

  it('passes on when the collector asks for time', async () => {
    const double = await collector();
    const sink = sinkAt(double.url);
    double.scripted.push({ ...busy, headers: { 'retry-after': '7' } });
    const error = await sink.write(documents('1')).catch((fault) => fault);
    expect([error instanceof RetryLater, error.retryAfterMs]).toEqual([true, 7_000]);
    await sink.close();
  });

  it('gives up on a collector that does not answer, and repeats neither its token nor its address', async () => {
    const double = await collector();
    const sink = sinkAt(double.url, { timeoutMs: 200 });
    double.scripted.push('hang');
    const error = await sink.write(documents('1')).catch((fault) => fault);
    expect(error.message).toBe('no answer in time');
    await sink.close();
    const gone = sinkAt('http://127.0.0.1:1');
    expect((await gone.write(documents('1')).catch((fault) => fault)).message).toBe('no answer (ECONNREFUSED)');
    await gone.close();
  });

  describe('acknowledgement', () => {
    const ack = { waitMs: 300, timeoutMs: 60_000 };

    it('resolves only once the indexers have the events', async () => {
      const double = await collector({ ack: true });
      double.indexing = false;
      const sink = sinkAt(double.url, { ack: { ...ack, waitMs: 20_000 } });
      let done = false;
      const written = sink.write(documents('1', '2')).then(() => {
        done = true;
      });
      while (double.polls.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
      expect(done).toBe(false);
      double.indexing = true;
      await written;
      expect(idsOf(double)).toEqual(['1', '2']);
      await sink.close();
    });

    it('asks on about what was sent, instead of sending it twice, when the indexers are slow', async () => {
      const double = await collector({ ack: true });
      double.indexing = false;
      const sink = sinkAt(double.url, { ack });
      for (let i = 0; i < 3; i++) await expect(sink.write(documents('1', '2'))).rejects.toThrow('not acknowledged');
      double.indexing = true;
      await sink.write(documents('1', '2'));
      expect([idsOf(double), double.requests.length]).toEqual([['1', '2'], 1]);
      await sink.close();
    });

    it('sends again what the indexers have not acknowledged for too long', async () => {
      const double = await collector({ ack: true });
      double.indexing = false;
      let now = 0;
      const sleep = async (ms: number) => {
        now += ms;
      };
      const clock = { now: () => now, sleep };
      const sink = sinkAt(double.url, { ack: { waitMs: 1_000, timeoutMs: 5_000 }, clock });
      await expect(sink.write(documents('1'))).rejects.toThrow('not acknowledged');
      now += 5_000;
      double.indexing = true;
      await sink.write(documents('1'));
      expect([idsOf(double), double.requests.length]).toEqual([['1'], 2]);
      await sink.close();
    });

    it('says so when the token does not acknowledge', async () => {
      const double = await collector({ ack: false });
      const sink = sinkAt(double.url, { ack });
      await expect(sink.write(documents('1'))).rejects.toThrow('indexer acknowledgement is off for this token');
      await sink.close();
    });
  });
});
