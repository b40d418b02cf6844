import type { Source, SourceHandler } from '../../../ports';

/**
 * The two halves in one process as one source: what Ingest reads goes to its own handler, what Detect reads to the one that
 * is given. Where one of them ends or fails, the other is stopped too. A stop ends Ingest first.
 */
export function bothHalves(
  ingest: { readonly source: Source; readonly handler: SourceHandler },
  detect: Source,
): Source {
  const stop = async () => {
    await ingest.source.stop();
    await detect.stop();
  };
  return {
    name: detect.name,
    async run(handler) {
      const runs = [ingest.source.run(ingest.handler), detect.run(handler)];
      const first = Promise.race(runs).finally(() => void stop());
      await Promise.all([first, ...runs]);
    },
    stop,
    problem: () => ingest.source.problem() ?? detect.problem(),
  };
}
