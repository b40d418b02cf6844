import fc from 'fast-check';
import { type ReportInput, renderReport } from '../../../src/adapters/report/text';
import { surpriseInWords } from '../../../src/adapters/report/words';
import { visibleWidth } from '../../../src/adapters/terminal';
import type { ActionRequest } from '../../../src/domain/action';
import { type AlertDocument, alertDocument } from '../../../src/domain/alert';

const at = Date.UTC(2026, 0, 12, 19, 14);
const iso = (ms: number) => new Date(ms).toISOString();

interface Told {
  incident: string;
  key: string;
  risk: number;
  sequence: number;
  text: string;
  requests: number;
}

const document = (told: Partial<Told> = {}): AlertDocument => {
  const {
    incident = 'i1',
    key = 'k_1',
    risk = 87,
    sequence = 0,
    text = 'requests from Vietnam (VN)',
    requests = 40,
  } = told;
  return {
    '@timestamp': iso(at),
    ecs: { version: '8.17.0' },
    message: 'API key used from an unusual place',
    event: {
      id: `${incident}-${sequence}`,
      kind: sequence === 0 ? 'alert' : 'event',
      category: ['api', 'intrusion_detection'],
      type: ['info'],
      module: 'keywatch',
      dataset: 'keywatch.alert',
      start: iso(at - 600_000),
      end: iso(at),
      risk_score: risk,
      severity: risk > 80 ? 73 : 47,
      reason: `Saw ${text}. Expected Germany (DE) in 9,214 of 9,230 requests.`,
      sequence,
    },
    user: { id: key, name: `name of ${key}` },
    organization: { id: 'tenant-7' },
    source: { ip: '14.160.3.9', geo: { country_iso_code: 'VN' } },
    user_agent: { original: text },
    rule: { name: 'likely-theft', ruleset: 'keywatch-policy' },
    keywatch: {
      mode: 'dry-run',
      action: 'suspend',
      incident: { id: incident, state: sequence === 0 ? 'open' : 'updated', requests },
      evidence: [
        {
          detector: 'geography',
          facet: 'geography',
          kind: 'statistical',
          surprise: 3.3,
          confidence: 0.9,
          saw: text,
          expected: 'Germany (DE) in 9,214 of 9,230 requests; a new country less than one a year',
          since: iso(at - 9 * 86_400_000),
        },
      ],
      confidence: 0.9,
    },
  };
};

const request = (incidentId: string, key: string): ActionRequest => ({
  id: `r-${incidentId}`,
  action: 'suspend',
  key,
  keyName: '',
  tenant: '',
  tier: 'standard',
  partition: 0,
  decidedAt: at,
  durationMs: 3_600_000,
  incidentId,
  alertId: 'a',
  rule: 'likely-theft',
  risk: 87,
  reason: '',
  evidence: [],
});

const totals = { events: 27_000, keys: 90, from: at - 18 * 86_400_000, until: at };
const wide = { width: 130, colour: false };

describe('renderReport', () => {
  it('shows an incident so that it can be judged at a glance', () => {
    expect(alertDocument.safeParse(document()).success).toBe(true);
    const page = renderReport({ alerts: [document()], requests: [request('i1', 'k_1')], totals }, wide);
    expect(page).toContain('27,000 events of 90 keys, 2025-12-25 19:14 to 2026-01-12 19:14 UTC (18 d)');
    expect(page).toContain('1 incident; 1 key would be suspended.');
    expect(page).toContain('  1  HIGH     risk  87  name of k_1 (k_1)  of tenant-7');
    expect(page).toContain('2026-01-12 19:04 UTC, for 10 m, 40 requests, from 14.160.3.9 (VN)');
    expect(page).toMatch(/saw +usually +since +how surprising/);
    expect(page).toMatch(/geography +requests from Vietnam \(VN\) +Germany .* 2026-01-03 +about 1 in 2,000 key-days/);
    expect(page).toContain('policy likely-theft asks to suspend the key for 1 h, decided 2026-01-12 19:14');
    expect(page).toMatch(/keys without incident +89 of 90/);
  });

  it('tells one incident once, by its worst document, and counts the requests of its last', () => {
    const alerts = [
      document({ sequence: 0, risk: 62, text: 'weak sign' }),
      document({ sequence: 1, risk: 91, text: 'strong sign' }),
      document({ sequence: 2, risk: 40, text: 'late sign', requests: 300 }),
    ];
    const page = renderReport({ alerts, requests: [], totals }, wide);
    expect(page.match(/risk /g)).toHaveLength(1);
    expect(page).toContain('risk  91');
    expect(page).toContain('Saw strong sign.');
    expect(page).toContain('300 requests');
    expect(page).toContain('asks for an alert only');
  });

  it('ranks by risk and says how many it leaves out', () => {
    const alerts = [60, 95, 70].map((risk, i) => document({ incident: `i${i}`, key: `k_${i}`, risk }));
    const page = renderReport({ alerts, requests: [], totals }, { ...wide, most: 2 });
    expect([...page.matchAll(/risk +(\d+)/g)].map((m) => m[1])).toEqual(['95', '70']);
    expect(page).toContain('and 1 incident of lower risk, not shown');
  });

  it('leaves notices about keywatch itself out', () => {
    const { user: _, ...notice } = document();
    expect(renderReport({ alerts: [notice], requests: [], totals }, wide)).toContain('Nothing unusual');
  });

  it('has an answer for nothing at all', () => {
    const nothing: ReportInput = {
      alerts: [],
      requests: [],
      totals: { events: 0, keys: 0, from: undefined, until: undefined, rejected: 3 },
    };
    const page = renderReport(nothing, wide);
    expect(page).toContain('0 events of 0 keys, no events');
    expect(page).toMatch(/records rejected +3/);
  });

  it('lists the evidence where the terminal is narrow', () => {
    const page = renderReport({ alerts: [document()], requests: [], totals }, { width: 60, colour: false });
    expect(page).toContain('geography: about 1 in 2,000 key-days');
    expect(page).toMatch(/usually +Germany \(DE\)/);
  });

  it('keeps its width and gives no hostile text to the terminal', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 100 }),
        fc.integer({ min: 40, max: 160 }),
        fc.boolean(),
        (text, key, width, colour) => {
          const input = {
            alerts: [document({ text: `\u001b]0;x\u0007${text}`, key })],
            requests: [request('i1', key)],
            totals,
          };
          const page = renderReport(input, { width, colour });
          for (const line of page.slice(0, -1).split('\n')) {
            expect(visibleWidth(line)).toBeLessThanOrEqual(width);
            const plain = colour ? line.replace(/\u001b\[\d+m/g, '') : line;
            expect(plain).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('surpriseInWords', () => {
  it.each([
    [0.1, 'ordinary'],
    [0.5, 'about 1 in 3 key-days'],
    [1, 'about 1 in 10 key-days'],
    [3.3, 'about 1 in 2,000 key-days'],
    [6, 'about 1 in 1,000,000 key-days'],
    [9, 'rarer than 1 in 1,000,000 key-days'],
  ])('%d', (surprise, words) => {
    expect(surpriseInWords({ kind: 'statistical', surprise })).toBe(words);
  });

  it('does not give odds for a rule', () => {
    expect(surpriseInWords({ kind: 'rule', surprise: 0 })).toBe('a declared limit, no estimate');
  });
});
