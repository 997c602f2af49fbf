/**
 * Counters and histograms for what happens in every request. Those of prom-client look up their
 * labels with every use, which takes about a microsecond; of these a caller keeps the cell. They
 * are registered beside prom-client's own, which is what writes them out.
 */
import type { Metric, Registry } from 'prom-client';

/** Label values of different cells never contain it. */
const SEPARATOR = '\u0000';

interface Description<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly Label[];
}

interface Sample {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** The cells of a metric, one for each combination of values of its labels. */
class Cells<Label extends string, Cell> {
  readonly #labels: readonly Label[];
  readonly #newCell: () => Cell;
  readonly #cells = new Map<string, { values: readonly string[]; cell: Cell }>();

  constructor(labels: readonly Label[], newCell: () => Cell) {
    this.#labels = labels;
    this.#newCell = newCell;
  }

  of(values: readonly string[]): Cell {
    const key = values.length === 1 ? (values[0] as string) : values.join(SEPARATOR);
    let found = this.#cells.get(key);
    if (!found) {
      found = { values, cell: this.#newCell() };
      this.#cells.set(key, found);
    }
    return found.cell;
  }

  *all(): Iterable<{ labels: Record<string, string>; cell: Cell }> {
    for (const { values, cell } of this.#cells.values()) {
      const pairs = this.#labels.map((label, index) => [label, values[index] ?? ''] as const);
      yield { labels: Object.fromEntries(pairs), cell };
    }
  }
}

/** What a counter has counted for one combination of labels. */
export interface CounterCell {
  value: number;
}

/** Counts what only grows. Its name ends in `_total`. */
export class Counter<Label extends string> {
  readonly name: string;
  readonly #help: string;
  readonly #cells: Cells<Label, CounterCell>;

  constructor(registry: Registry, { name, help, labels }: Description<Label>) {
    this.name = name;
    this.#help = help;
    this.#cells = new Cells(labels, () => ({ value: 0 }));
    // Without labels it is there from the start, so that its rate is known from the start.
    if (labels.length === 0) this.of();
    registry.registerMetric(this as unknown as Metric);
  }

  /** @param values of the labels, in their order */
  of(...values: readonly string[]): CounterCell {
    return this.#cells.of(values);
  }

  /** As prom-client asks for it. */
  get() {
    const values: Sample[] = [];
    for (const { labels, cell } of this.#cells.all()) values.push({ labels, value: cell.value });
    return { name: this.name, help: this.#help, type: 'counter', aggregator: 'sum', values };
  }
}

/** The distribution of what was observed for one combination of labels. */
export class HistogramCell {
  readonly counts: number[];
  readonly #bounds: readonly number[];
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let index = 0;
    while (index < bounds.length && value > (bounds[index] as number)) index += 1;
    this.counts[index] = (this.counts[index] as number) + 1;
    this.sum += value;
  }
}

/** A distribution by buckets. */
export class Histogram<Label extends string> {
  readonly name: string;
  readonly #help: string;
  readonly #buckets: readonly number[];
  readonly #cells: Cells<Label, HistogramCell>;

  /** @param description `buckets` are upper bounds, growing; the one without bound is added */
  constructor(
    registry: Registry,
    description: Description<Label> & { readonly buckets: readonly number[] },
  ) {
    const { name, help, labels, buckets } = description;
    this.name = name;
    this.#help = help;
    this.#buckets = buckets;
    this.#cells = new Cells(labels, () => new HistogramCell(buckets));
    if (labels.length === 0) this.of();
    registry.registerMetric(this as unknown as Metric);
  }

  /** @param values of the labels, in their order */
  of(...values: readonly string[]): HistogramCell {
    return this.#cells.of(values);
  }

  /** As prom-client asks for it; buckets are cumulative. */
  get() {
    const { name } = this;
    const values: Sample[] = [];
    for (const { labels, cell } of this.#cells.all()) {
      let count = 0;
      for (const [index, bound] of [...this.#buckets, '+Inf'].entries()) {
        count += cell.counts[index] ?? 0;
        const withBound = { ...labels, le: bound };
        values.push({ metricName: `${name}_bucket`, labels: withBound, value: count });
      }
      values.push({ metricName: `${name}_sum`, labels, value: cell.sum });
      values.push({ metricName: `${name}_count`, labels, value: count });
    }
    return { name, help: this.#help, type: 'histogram', aggregator: 'sum', values };
  }
}
