import { createConsoleAlertSink } from '../../../src/adapters/console/alerts';
import { paint } from '../../../src/adapters/terminal';
import type { AlertDocument } from '../../../src/domain/alert';
import { alertSinkContract } from '../../contracts/alert-sink';
import { alertDocument } from '../../support/alerts';

function collecting() {
  const state = { text: '', fault: undefined as Error | undefined };
  const stream = {
    write(text: string, done: (error?: Error | null) => void) {
      if (state.fault === undefined) state.text += text;
      setImmediate(() => done(state.fault));
    },
  };
  return { state, stream };
}

const evidence = (facet: AlertDocument['keywatch']['evidence'][number]['facet'], saw: string, expected: string) => ({
  detector: `new-${facet}`,
  facet,
  kind: 'statistical' as const,
  surprise: 3,
  confidence: 0.9,
  saw,
  expected,
  since: '2024-01-01T00:00:00.000Z',
});

async function shown(document: AlertDocument, colour = false): Promise<string> {
  const { state, stream } = collecting();
  await createConsoleAlertSink({ stream, style: 'text', colour }).write([document]);
  return state.text;
}

describe('console alerts, json', () => {
  alertSinkContract(async () => {
    const { state, stream } = collecting();
    return {
      create: async () => createConsoleAlertSink({ stream, style: 'json', colour: true }),
      received: async () =>
        state.text
          .split('\n')
          .slice(0, -1)
          .map((line) => JSON.parse(line)),
      close: async () => {},
    };
  });

  it('holds no character that speaks to a terminal', async () => {
    const { state, stream } = collecting();
    const all = [...Array.from({ length: 0x2070 }, (_, code) => code), 0xfeff, 0xe0041]
      .map((code) => String.fromCodePoint(code))
      .join('');
    await createConsoleAlertSink({ stream, style: 'json', colour: false }).write([alertDocument({ reason: all })]);
    expect(state.text.slice(0, -1).match(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)).toBeNull();
    expect(JSON.parse(state.text).event.reason === all).toBe(true);
  });
});

describe('console alerts, text', () => {
  const theft = alertDocument({
    reason: 'Used from a new country by a new client',
    severity: 99,
    user: { id: 'key-7', name: 'billing' },
    keywatch: {
      action: 'suspend',
      mode: 'dry-run',
      request: { id: 'r', state: 'held', rail: 'dry-run' },
      incident: { id: 'i', state: 'open', requests: 3 },
      evidence: [
        evidence('geography', 'requests from Brazil', 'Germany in 9,214 of 9,230 requests'),
        evidence('client', 'curl', 'okhttp always'),
      ],
    },
  });

  it('tells time, severity, key, sentence, evidence and action in three lines', async () => {
    expect(await shown(theft)).toBe(
      [
        '2024-03-01T10:00:00.000Z CRITICAL billing (key-7)  Used from a new country by a new client',
        '  geography saw requests from Brazil, expected Germany in 9,214 of 9,230 requests; client saw curl, expected okhttp always',
        '  action: suspend held by dry-run (dry run: nothing is done)',
        '',
      ].join('\n'),
    );
  });

  it('does not say dry run when enforcing', async () => {
    const enforced = alertDocument({
      keywatch: { action: 'suspend', mode: 'enforce', request: { id: 'r', state: 'delivered', detail: '204' } },
    });
    const text = await shown(enforced);
    expect(text).toContain('action: suspend delivered (204)');
    expect(text).not.toContain('dry');
  });

  it('names an update, and keywatch itself where there is no key', async () => {
    const closed = alertDocument({ kind: 'event', keywatch: { incident: { id: 'i', state: 'closed', requests: 9 } } });
    expect(await shown(closed)).toContain('billing (key-1)  [closed] Something is odd');
    expect(await shown(alertDocument({ user: undefined, reason: 'The breaker is open' }))).toContain(
      'keywatch  The breaker is open',
    );
  });

  it('stays short with much evidence and long texts', async () => {
    const text = await shown(
      alertDocument({
        reason: 'x'.repeat(10_000),
        keywatch: { evidence: Array.from({ length: 9 }, () => evidence('routes', 'y'.repeat(5_000), 'z')) },
      }),
    );
    expect(text.length).toBeLessThan(1_500);
    expect(text.split('\n').length).toBeLessThanOrEqual(4);
    expect(text).toContain('and 5 more');
  });

  it('lets no text speak to the terminal, and adds no lines', async () => {
    const evil = '\u001b]0;pwned\u0007\u001b[2J\r\n\u0085\u009b31m\u202egnp.exe\u2028\u0000\ud800';
    const document = alertDocument({
      reason: evil,
      user: { id: evil, name: `n${evil}` },
      keywatch: {
        action: 'suspend',
        request: { id: 'r', state: evil, rail: evil, detail: evil },
        evidence: [evidence('geography', evil, evil)],
      },
    });
    const text = await shown({ ...document, '@timestamp': evil });
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    expect(text.split('\n')).toHaveLength(4);
    expect(text).toContain('\\x1b');
  });

  it('paints only when colour is asked for', async () => {
    expect(await shown(theft)).not.toContain('\u001b');
    expect(await shown(theft, true)).toContain(paint(true).bold('billing (key-7)'));
  });

  it('rejects when the stream fails', async () => {
    const { state, stream } = collecting();
    state.fault = new Error('EPIPE');
    await expect(createConsoleAlertSink({ stream, style: 'text', colour: false }).write([theft])).rejects.toThrow(
      'EPIPE',
    );
  });
});
