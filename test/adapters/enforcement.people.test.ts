import type { AlertDocument } from '../../src/domain/alert';
import { actionRequest, HOUR, MINUTE, TEN } from '../support/action-request';
import { acknowledged, calm, enforceConfig, hang, refused, states, titles, types, world } from '../support/enforcement';

const ann = { key: 'key-1', by: 'ann', reason: 'it was me' };

test('a release by a person ends a suspension at once and survives a crash: old data do not suspend the key again', async () => {
  const { clock, attempts, documents, start } = world();
  const first = await start();
  await first.submit([actionRequest()], calm);
  await clock.advance(MINUTE);
  await first.release(ann);
  await clock.advance(0);
  expect(types(attempts)).toEqual(['key.suspend.requested', 'key.release.requested']);
  expect(documents.at(-1)!.event.reason).toContain('released by ann: it was me');
  await first.stop();
  const second = await start();
  await clock.advance(5 * MINUTE);
  await second.submit([actionRequest({ id: 'old', decidedAt: TEN + MINUTE })], calm);
  await clock.advance(HOUR);
  expect(attempts).toHaveLength(2);
  expect(second.standing('key-1')).toMatchObject({ state: 'raised', rail: 'released-by-person' });
  await second.stop();
});

test('a release while the suspension hangs ends the attempt, and still sends the release', async () => {
  const { clock, attempts, lines, start } = world((command, signal) =>
    command.action === 'release' ? acknowledged : hang(signal),
  );
  const enforcement = await start();
  await enforcement.submit([actionRequest()], calm);
  await clock.advance(1_000);
  await enforcement.release(ann);
  await clock.advance(1_000);
  expect(types(attempts)).toEqual(['key.suspend.requested', 'key.release.requested']);
  expect(states(lines)).toEqual(['accepted', 'release-due', 'released']);
  await enforcement.stop();
});

test('a receiver that answers 500 for longer than notAfter is given up on; nothing is delivered late', async () => {
  let up = false;
  const { clock, attempts, documents, start } = world(() => (up ? acknowledged : refused('HTTP 500')));
  const enforcement = await start();
  await enforcement.submit([actionRequest({ durationMs: 4 * HOUR })], calm);
  await clock.advance(HOUR);
  const sent = attempts.length;
  up = true;
  await clock.advance(5 * HOUR);
  expect(attempts).toHaveLength(sent);
  expect(titles(documents)).toEqual(['Suspension not delivered']);
  await enforcement.stop();
});

describe('what the traffic shows', () => {
  const acting = async () => {
    const its = world();
    const enforcement = await its.start({ witnessing: true });
    await enforcement.submit([actionRequest()], calm);
    await its.clock.advance(0);
    return { ...its, enforcement };
  };

  test('accepted and nothing done: told, loudly', async () => {
    const { clock, documents, enforcement } = await acting();
    for (let i = 1; i < 20; i++) enforcement.traffic('key-1', 200, TEN + i * MINUTE);
    enforcement.reached(0, TEN + 20 * MINUTE);
    await clock.advance(16 * MINUTE);
    expect(titles(documents)).toEqual(['Key suspended', 'Suspension without effect']);
    expect(documents[1]!.event).toMatchObject({ severity: 73, action: 'suspension-ineffective' });
    expect(enforcement.standing('key-1').stage).toBe('ineffective');
    await enforcement.stop();
  });

  test('refused three times in a row, or silent while the log goes on: effective', async () => {
    const refusedOne = await acting();
    for (let i = 1; i <= 3; i++) refusedOne.enforcement.traffic('key-1', 403, TEN + i * MINUTE);
    await refusedOne.clock.advance(0);
    expect(refusedOne.enforcement.standing('key-1').stage).toBe('effective');
    await refusedOne.enforcement.stop();
    const silent = await acting();
    silent.enforcement.reached(0, TEN + 10 * MINUTE);
    await silent.clock.advance(16 * MINUTE);
    expect(states(silent.lines)).toEqual(['accepted', 'delivered', 'effective']);
    await silent.enforcement.stop();
  });
});

test('one actor on several keys: one loud document more, the rest points to it, also over a restart', async () => {
  const alert = (n: number): AlertDocument => ({
    '@timestamp': new Date(TEN).toISOString(),
    ecs: { version: '8.17.0' },
    message: 'API key used by a newcomer',
    event: {
      id: `a-${n}`,
      kind: 'alert',
      category: ['api'],
      type: ['info'],
      module: 'keywatch',
      dataset: 'keywatch.alert',
      risk_score: 70,
      severity: 47,
      reason: '',
      sequence: 0,
    },
    user: { id: `k-${n}`, name: `k-${n}` },
    keywatch: {
      mode: 'enforce',
      action: 'alert',
      actor: 'x',
      incident: { id: `i-${n}`, state: 'open', requests: 1 },
      evidence: [],
    },
  });
  const { documents, attempts, clock, start } = world();
  const first = await start();
  await first.tell([alert(1)]);
  await first.stop();
  const second = await start();
  for (const n of [2, 3, 4]) await second.tell([alert(n)]);
  const loud = () => documents.filter(({ event }) => event.kind === 'alert').map(({ message }) => message);
  expect(loud()).toEqual(['API key used by a newcomer', 'One actor on several API keys']);
  const told = documents.length;
  await second.tell([alert(2)]);
  expect(documents.slice(told).map(({ event }) => event.id)).toEqual(
    documents.slice(1, 3).map(({ event }) => event.id),
  );
  await second.submit([actionRequest({ key: 'k-4', actor: 'x' })], calm);
  await clock.advance(0);
  expect(attempts[0]!.command.body).toMatchObject({ data: { reason: { group: { keys: 4 } } } });
  await second.stop();
});

test('an enforcer that cannot do what the policy asks for is refused at the start', async () => {
  const { enforcer, start } = world();
  const weak = { ...enforcer, capabilities: { ...enforcer.capabilities, actions: ['rate-limit'] as const } };
  await expect(start({ enforcer: weak, asked: ['suspend'] })).rejects.toThrow('asks for suspend');
  await expect(start({ asked: ['revoke'] })).rejects.toThrow('enforce.automaticRevoke');
  const allowed = await start({ asked: ['revoke'], config: enforceConfig({ automaticRevoke: true }) });
  await allowed.stop();
});

test('a breaker of one tenant leaves the others alone', async () => {
  const { clock, attempts, start } = world();
  const enforcement = await start({ config: enforceConfig({ breaker: { tenant: { count: 1, share: 1 } } }) });
  const of = (tenant: string, n: number) => actionRequest({ id: `${tenant}-${n}`, key: `${tenant}-${n}`, tenant });
  await enforcement.submit([of('a', 1), of('a', 2), of('b', 1)], calm);
  await clock.advance(0);
  expect(attempts.map(({ command }) => command.key)).toEqual(['a-1', 'b-1']);
  expect(enforcement.breaker()).toMatchObject([{ open: false }, { open: true, tenant: 'a' }]);
  await enforcement.resetBreaker('ann', 'a');
  expect(enforcement.breaker()).toEqual([{ open: false }]);
  await enforcement.stop();
});
