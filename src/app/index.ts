/** Composition root: the only place that knows all parts. */
export { runLive } from './live';
export { runReplay } from './replay';
