import { httpReceiver, type Reply } from './http-receiver';

export interface HecDouble {
  readonly url: string;
  /** Events in the index, in order. */
  readonly indexed: Record<string, unknown>[];
  /** Requests for events, taken or not. */
  readonly requests: { readonly events: number; readonly channel: string | undefined }[];
  /** What was asked about acknowledgements. */
  readonly polls: number[];
  /** Answers to come, before the rules of the collector. */
  readonly scripted: (Reply | 'hang' | undefined)[];
  /** Whether the indexers keep up: false leaves events unacknowledged. */
  indexing: boolean;
  close(): Promise<void>;
}

/**
 * A stand-in for Splunk's HTTP Event Collector that keeps to its documented requests and answers: path, `Authorization:
 * Splunk <token>`, concatenated JSON objects with a non-empty `event`, and indexer acknowledgement (a channel that is a
 * GUID, ids that count within it, an id that is answered with true once and then forgotten).
 */
export async function hecDouble(token: string, options: { readonly ack?: boolean } = {}): Promise<HecDouble> {
  const indexed: Record<string, unknown>[] = [];
  const requests: HecDouble['requests'] = [];
  const polls: number[] = [];
  const scripted: HecDouble['scripted'] = [];
  const waiting = new Map<string, Map<number, Record<string, unknown>[]>>();
  const counts = new Map<string, number>();
  const says = (status: number, code: number, text: string, more: object = {}): Reply => ({
    status,
    body: JSON.stringify({ text, code, ...more }),
  });
  const double = { indexed, requests, polls, scripted, indexing: true };

  const server = await httpReceiver(({ path, headers, body }) => {
    const { authorization } = headers;
    if (authorization === undefined) return says(401, 2, 'Token is required');
    if (!authorization.startsWith('Splunk ')) return says(401, 3, 'Invalid authorization');
    if (authorization !== `Splunk ${token}`) return says(403, 4, 'Invalid token');
    const url = new URL(path, 'http://double');
    const header = headers['x-splunk-request-channel'];
    const channel = (Array.isArray(header) ? header[0] : header) ?? url.searchParams.get('channel') ?? undefined;
    if (options.ack && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(channel ?? '')) {
      return says(400, channel === undefined ? 10 : 11, 'Data channel is missing');
    }
    if (url.pathname === '/services/collector/ack') {
      if (!options.ack) return says(400, 14, 'ACK is disabled');
      const { acks } = JSON.parse(body) as { acks: number[] };
      polls.push(...acks);
      return {
        status: 200,
        body: JSON.stringify({ acks: Object.fromEntries(acks.map((id) => [id, settle(channel!, id)])) }),
      };
    }
    if (url.pathname !== '/services/collector/event') return { status: 404, body: 'not found' };
    const planned = scripted.shift();
    const events = concatenated(body);
    requests.push({ events: events?.length ?? 0, channel });
    if (planned !== undefined) return planned;
    if (body === '') return says(400, 5, 'No data');
    if (events === undefined) return says(400, 6, 'Invalid data format');
    const bad = events.findIndex(({ event }) => event === undefined || event === '');
    if (bad >= 0) return says(400, 12, 'Event field is required', { 'invalid-event-number': bad });
    if (!options.ack) {
      indexed.push(...events);
      return says(200, 0, 'Success');
    }
    const ackId = counts.get(channel!) ?? 0;
    counts.set(channel!, ackId + 1);
    const ofChannel = waiting.get(channel!) ?? waiting.set(channel!, new Map()).get(channel!)!;
    ofChannel.set(ackId, events);
    return says(200, 0, 'Success', { ackId });
  });

  function settle(channel: string, id: number): boolean {
    const events = double.indexing ? waiting.get(channel)?.get(id) : undefined;
    if (events === undefined) return false;
    waiting.get(channel)!.delete(id);
    indexed.push(...events);
    return true;
  }

  return Object.assign(double, { url: server.url, close: server.close });
}

/** JSON objects that follow one another without a separator, told apart by their braces; undefined when they do not. */
function concatenated(text: string): Record<string, unknown>[] | undefined {
  const objects: Record<string, unknown>[] = [];
  let depth = 0;
  let inString = false;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{') depth += 1;
    else if (character === '}') {
      depth -= 1;
      if (depth === 0) {
        try {
          objects.push(JSON.parse(text.slice(start, at + 1)));
        } catch {
          return undefined;
        }
        start = at + 1;
      }
    } else if (depth === 0) return undefined;
  }
  return depth === 0 && !inString ? objects : undefined;
}
