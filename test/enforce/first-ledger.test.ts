import type { Outcome } from '../../src/domain/action';
import { due } from '../../src/enforce/schedule';
import { standingOf } from '../../src/enforce/standing';
import { replayLedger } from '../../src/enforce/state';
import { enforceSettings, HOUR, MINUTE, TEN } from '../support/action-request';

/** Lines as version 1 wrote them: one action, one breaker, `detail` for who reset it, a rail that has another name now. */
const request = (id: string, key: string) =>
  `{"id":"${id}","action":"suspend","key":"${key}","keyKind":"credential","keyName":"","tenant":"acme","tier":"standard","partition":0,"decidedAt":${TEN},"durationMs":${HOUR},"incidentId":"i","alertId":"a","rule":"likely-theft","risk":87,"reason":"","evidence":[]}`;
const lines = [
  `{"requestId":"r1","state":"accepted","at":${TEN},"request":${request('r1', 'k1')},"notAfter":${TEN + 15 * MINUTE},"until":${TEN + HOUR}}`,
  `{"requestId":"r1","state":"delivered","at":${TEN + 5},"detail":"HTTP 200"}`,
  `{"requestId":"r2","state":"held","at":${TEN + 6},"rail":"already-suspended","detail":"the key is suspended","request":${request('r2', 'k1')}}`,
  `{"requestId":"r3","state":"held","at":${TEN + 7},"rail":"breaker-count","detail":"","request":${request('r3', 'k3')}}`,
];

test('a ledger of the first format loads: what was suspended is released in its time, an open breaker stays open', () => {
  const state = replayLedger(lines.map((line) => JSON.parse(line) as Outcome));
  expect(standingOf(state, 'k1', TEN + MINUTE, enforceSettings())).toMatchObject({
    state: 'suspended',
    stage: 'delivered',
    until: TEN + HOUR,
  });
  expect(due(state, TEN + HOUR)).toMatchObject([{ do: 'record', outcome: { requestId: 'r1', state: 'release-due' } }]);
  expect(state.circuits.fleet.breaker).toMatchObject({ open: true, rail: 'breaker-count', requestId: 'r3' });
  const reset = { requestId: 'breaker-reset-1', state: 'breaker-reset', at: TEN + 8, detail: 'ann' } as const;
  const again = replayLedger([...lines.map((line) => JSON.parse(line) as Outcome), reset]);
  expect(again.circuits.fleet.breaker).toEqual({ open: false });
});
