import type { ActionRequest, Outcome } from '../../src/domain/action';
import { actionRequest, HOUR } from '../support/action-request';
import { acknowledged, calm, enforceConfig, world } from '../support/enforcement';

/** A process that dies before Detect has heard anything, and what the next one tells it. */
async function told(w: ReturnType<typeof world>, over = {}) {
  const heard: string[] = [];
  const outcomes = ({ state, rail }: Outcome, { id }: ActionRequest) =>
    void heard.push(`${id} ${state}${rail === undefined ? '' : ` ${rail}`}`);
  const enforcement = await w.start({ outcomes, ...over });
  await enforcement.stop();
  return heard;
}

test('after a crash Detect hears again of what was held, and of what holds', async () => {
  const w = world(() => acknowledged);
  const config = enforceConfig({ protectedKeys: ['vip'] });
  const first = await w.start({ config });
  await first.submit(
    [
      actionRequest({ id: 'a', key: 'vip', incidentId: 'i-1' }),
      actionRequest({ id: 'b', key: 'k-2', incidentId: 'i-2' }),
    ],
    calm,
  );
  await w.clock.advance(60_000);
  await first.stop();
  expect(await told(w, { config })).toEqual(['a held protected-key', 'b delivered']);
});

test('an action that is over is told of as over', async () => {
  const w = world(() => acknowledged);
  const first = await w.start();
  await first.submit([actionRequest({ id: 'a' })], calm);
  await w.clock.advance(2 * HOUR);
  await first.stop();
  expect(await told(w)).toEqual(['a released']);
});

test('of one incident only its last request, and not more than a hundred incidents', async () => {
  const w = world();
  const config = enforceConfig({ mode: 'dry-run' });
  const first = await w.start({ config });
  const many = Array.from({ length: 150 }, (_, i) =>
    actionRequest({ id: `r-${i}`, key: `k-${i}`, incidentId: `i-${i}` }),
  );
  await first.submit([...many, actionRequest({ id: 'again', key: 'k-140', incidentId: 'i-140' })], calm);
  await first.stop();
  const heard = await told(w, { config });
  expect(heard).toHaveLength(100);
  expect(heard[0]).toBe('r-50 held dry-run');
  expect(heard.at(-1)).toBe('again held dry-run');
  expect(heard).not.toContain('r-140 held dry-run');
});
