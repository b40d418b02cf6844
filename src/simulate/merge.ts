/** A source that has a next event. */
interface Head<T> {
  event: T;
  readonly order: number;
  readonly rest: Iterator<T>;
}

const before = <T extends { readonly at: number }>(a: Head<T>, b: Head<T>): boolean =>
  a.event.at < b.event.at || (a.event.at === b.event.at && a.order < b.order);

function sink<T extends { readonly at: number }>(heap: Head<T>[], start: number): void {
  const head = heap[start]!;
  let i = start;
  for (;;) {
    let child = 2 * i + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
    if (!before(heap[child]!, head)) break;
    heap[i] = heap[child]!;
    i = child;
  }
  heap[i] = head;
}

/**
 * Joins sources, each in time order, into one in time order; at equal times the earlier source of the list comes first.
 * Holds one event a source (a binary heap).
 */
export function* merge<T extends { readonly at: number }>(sources: readonly Iterable<T>[]): Generator<T> {
  const heap: Head<T>[] = [];
  for (const [order, source] of sources.entries()) {
    const rest = source[Symbol.iterator]();
    const first = rest.next();
    if (!first.done) heap.push({ event: first.value, order, rest });
  }
  for (let i = (heap.length >> 1) - 1; i >= 0; i--) sink(heap, i);
  while (heap.length > 0) {
    const head = heap[0]!;
    yield head.event;
    const next = head.rest.next();
    if (next.done) {
      const last = heap.pop()!;
      if (heap.length === 0) return;
      heap[0] = last;
    } else {
      head.event = next.value;
    }
    sink(heap, 0);
  }
}
