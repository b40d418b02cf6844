/** Composition root: the only place that knows all parts. */
export { runEvaluate } from './evaluate';
export { runLive } from './live';
export { runReplay } from './replay';
