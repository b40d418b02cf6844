import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EnforcementCommand, Enforcer } from '../../src/ports';
import { enforcerContract } from '../contracts/enforcer';
import { TEN } from './action-request';

export interface VendorRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface VendorReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: string | object;
}

/** A vendor's API on the loopback. */
export interface Vendor {
  readonly url: string;
  /** Every request so far. */
  readonly seen: VendorRequest[];
  /** Answers this instead, until it is undefined again. */
  instead: VendorReply | 'hang' | ((request: VendorRequest) => VendorReply | undefined) | undefined;
  close(): Promise<void>;
}

export async function vendor(answer: (request: VendorRequest) => VendorReply): Promise<Vendor> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method = '', url = '', headers } = request;
    const call = { method, path: url, headers, body };
    opened.seen.push(call);
    const { instead } = opened;
    if (instead === 'hang') return;
    const reply = (typeof instead === 'function' ? instead(call) : instead) ?? answer(call);
    const text = typeof reply.body === 'object' ? JSON.stringify(reply.body) : (reply.body ?? '');
    response.writeHead(reply.status, reply.headers).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const opened: Vendor = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen: [],
    instead: undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return opened;
}

/** How every enforcer of the tests reaches its vendor. */
export const nearby = {
  allowPrivate: ['127.0.0.0/8'],
  allowHttp: true,
  timeoutMs: 5_000,
  setting: 'enforce.via',
  clock: { now: () => TEN },
};

export const suspension = (key: string, over: Partial<EnforcementCommand> = {}): EnforcementCommand => ({
  id: 'req-1',
  type: 'key.suspend.requested',
  action: 'suspend',
  key,
  keyKind: 'credential',
  keyName: '',
  tenant: '',
  until: TEN + 3_600_000,
  notAfter: TEN + 900_000,
  releases: undefined,
  body: {},
  ...over,
});

export const releaseOf = (key: string, over: Partial<EnforcementCommand> = {}): EnforcementCommand =>
  suspension(key, {
    id: 'req-1-release',
    type: 'key.release.requested',
    action: 'release',
    until: undefined,
    notAfter: undefined,
    releases: { id: 'req-1', action: 'suspend' },
    ...over,
  });

export const deliver = (enforcer: Enforcer, command: EnforcementCommand, ours = false) =>
  enforcer.deliver(command, new AbortController().signal, ours);

/** A vendor with one key in it, and what is known of it. */
export interface Stocked extends Vendor {
  /** Of a key that is there and works. */
  readonly key: string;
  /** Whether the vendor would let the key pass now. */
  passes(): boolean;
  /** As a person at the vendor's own console would. */
  turn(on: boolean): void;
  remove(): void;
  /** What no answer of the enforcer may repeat. */
  readonly secrets: readonly string[];
  /** First call of an attempt, of which there is one in each. */
  isFirst(request: VendorRequest): boolean;
}

export interface VendorSuite {
  readonly name: string;
  open(): Promise<Stocked>;
  create(stocked: Stocked): Enforcer;
  /** Ids that the vendor cannot have given out. */
  readonly foreign: readonly string[];
  /** Whether the vendor's flag tells who set it, so that a key that was off before can be told. */
  readonly flag: boolean;
}

/** What every enforcer of a vendor's API guarantees, beside the contract of all enforcers. */
export function vendorContract({ name, open, create, foreign, flag }: VendorSuite): void {
  enforcerContract(name, async () => {
    const stocked = await open();
    return {
      key: stocked.key,
      create: () => create(stocked),
      behave: (how) => {
        stocked.instead = how === 'accept' ? undefined : how === 'hang' ? 'hang' : { status: 500 };
      },
      arrived: () => stocked.seen.filter((call) => stocked.isFirst(call)).map(() => 'a'),
      close: () => stocked.close(),
    };
  });

  describe(`${name}: one key`, () => {
    let stocked: Stocked;
    let enforcer: Enforcer;
    beforeEach(async () => {
      stocked = await open();
      enforcer = create(stocked);
    });
    afterEach(async () => {
      await enforcer.close();
      await stocked.close();
    });

    test('is suspended and released', async () => {
      expect(await deliver(enforcer, suspension(stocked.key))).toMatchObject({ ok: true });
      expect(stocked.passes()).toBe(false);
      expect(await deliver(enforcer, releaseOf(stocked.key))).toMatchObject({ ok: true });
      expect(stocked.passes()).toBe(true);
    });

    test('again is as good as once, both ways', async () => {
      await deliver(enforcer, suspension(stocked.key));
      expect(await deliver(enforcer, suspension(stocked.key), true)).toMatchObject({ ok: true });
      expect(stocked.passes()).toBe(false);
      await deliver(enforcer, releaseOf(stocked.key));
      expect(await deliver(enforcer, releaseOf(stocked.key))).toMatchObject({ ok: true });
      expect(stocked.passes()).toBe(true);
    });

    test('that is gone cannot be suspended, and owes no release', async () => {
      stocked.remove();
      expect(await deliver(enforcer, suspension(stocked.key))).toMatchObject({ ok: false, permanent: true });
      expect(await deliver(enforcer, releaseOf(stocked.key))).toMatchObject({ ok: true });
    });

    if (flag) {
      test('that somebody turned off before is not taken for ours', async () => {
        stocked.turn(false);
        const result = await deliver(enforcer, suspension(stocked.key));
        expect(result).toMatchObject({ ok: false, permanent: true, detail: expect.stringContaining('off before') });
      });
    }

    test.each([429, 500, 503])('HTTP %i may be tried again', async (status) => {
      stocked.instead = { status, headers: { 'retry-after': '7' }, body: 'hunter2' };
      const result = await deliver(enforcer, suspension(stocked.key));
      expect(result).toMatchObject({ ok: false, permanent: false, retryAfterMs: 7_000 });
      expect(stocked.passes()).toBe(true);
    });

    test('wrong credentials may be mended in time', async () => {
      stocked.instead = { status: 403, body: 'hunter2' };
      expect(await deliver(enforcer, suspension(stocked.key))).toMatchObject({ ok: false, permanent: false });
    });

    test('no answer repeats what the vendor said, or a secret', async () => {
      const said: string[] = [];
      for (const status of [200, 302, 400, 401, 403, 404, 409, 429, 500]) {
        stocked.instead = { status, headers: { location: 'http://hunter2.example' }, body: '{"message":"hunter2"}' };
        said.push(JSON.stringify(await deliver(enforcer, suspension(stocked.key))));
      }
      for (const text of said) for (const secret of ['hunter2', ...stocked.secrets]) expect(text).not.toContain(secret);
    });

    test.each(foreign)('the id %j is refused before anything is called', async (key) => {
      expect(await deliver(enforcer, suspension(key))).toMatchObject({ ok: false, permanent: true });
      expect(stocked.seen).toEqual([]);
    });

    test('what it cannot do is refused and replaced by nothing', async () => {
      for (const action of ['rate-limit', 'step-up', 'revoke'] as const) {
        const result = await deliver(enforcer, suspension(stocked.key, { action, type: `key.${action}.requested` }));
        expect(result).toMatchObject({ ok: false, permanent: true });
      }
      const release = releaseOf(stocked.key, { releases: { id: 'r', action: 'rate-limit' } });
      expect(await deliver(enforcer, release)).toMatchObject({ ok: false, permanent: true });
      const hash = suspension(stocked.key, { keyKind: 'hash' });
      expect(await deliver(enforcer, hash)).toMatchObject({ ok: false, permanent: true });
      expect(stocked.seen).toEqual([]);
    });
  });
}
