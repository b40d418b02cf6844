import fc from 'fast-check';
import { commandOf, MAX_BODY_BYTES } from '../../src/enforce/command';
import type { LiveAction } from '../../src/enforce/state';
import { actionRequest, HOUR, MINUTE, TEN } from '../support/action-request';

const suspension = (request = actionRequest()): LiveAction => ({
  request,
  stage: 'accepted',
  acceptedAt: TEN,
  notAfter: TEN + 15 * MINUTE,
  until: TEN + HOUR,
});

test('the suspend command', () => {
  const command = commandOf(suspension(), 'act');
  expect(command.id).toBe('req-1');
  expect(command.body).toEqual({
    type: 'key.suspend.requested',
    timestamp: '2026-11-24T10:00:00.000Z',
    data: {
      action_id: 'req-1',
      idempotency_key: 'req-1',
      mode: 'enforce',
      key: { id: 'key-1', id_kind: 'credential', name: 'Billing backend', tenant: 'acme', tier: 'standard' },
      action: { name: 'suspend', until: '2026-11-24T11:00:00.000Z', not_after: '2026-11-24T10:15:00.000Z' },
      reason: {
        sentence: 'Requests from Brazil with curl on a key used from Germany with okhttp.',
        risk: 87,
        rule: 'likely-theft',
        incident_id: 'inc-1',
        alert_id: 'alert-1',
        decided_at: '2026-11-24T10:00:00.000Z',
        evidence: [
          {
            detector: 'country',
            facet: 'geography',
            kind: 'statistical',
            surprise: 3.2,
            confidence: 0.9,
            saw: 'requests from Brazil',
            expected: 'Germany in 9,214 of 9,230 requests',
            since: '2026-10-25T10:00:00.000Z',
          },
        ],
      },
    },
  });
});

test('the release command has an id of its own and names what it releases', () => {
  const command = commandOf(suspension(), 'release');
  expect(command).toMatchObject({
    id: 'req-1-release',
    type: 'key.release.requested',
    body: {
      timestamp: '2026-11-24T11:00:00.000Z',
      data: { action_id: 'req-1-release', releases: 'req-1', key: { id: 'key-1' }, action: { name: 'release' } },
    },
  });
});

test('law: the body stays under its limit whatever the texts, keeps the whole key id and the strongest evidence', () => {
  const text = (max: number) => fc.string({ unit: 'binary', maxLength: max });
  const evidence = fc.record({
    saw: text(3_000),
    expected: text(3_000),
    surprise: fc.double({ min: 0, max: 9, noNaN: true }),
  });
  fc.assert(
    fc.property(text(1_000), text(9_000), fc.array(evidence, { maxLength: 40 }), (key, reason, list) => {
      const [sample] = actionRequest().evidence;
      const request = actionRequest({
        key,
        reason,
        keyName: reason,
        tenant: reason,
        evidence: list.map((e) => ({ ...sample!, ...e })),
      });
      const { body } = commandOf(suspension(request), 'act');
      expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThan(MAX_BODY_BYTES);
      const data = body.data as { key: { id: string }; reason: { evidence: { surprise: number }[] } };
      expect(data.key.id).toBe(key);
      const kept = data.reason.evidence.map((e) => e.surprise);
      const ranked = list.map((e) => e.surprise).sort((a, b) => b - a);
      expect(kept).toEqual(ranked.slice(0, kept.length));
    }),
    { numRuns: 60 },
  );
});

test('the same ledger gives the same bytes', () => {
  const bytes = () => JSON.stringify(commandOf(structuredClone(suspension()), 'act').body);
  expect(bytes()).toBe(bytes());
});
