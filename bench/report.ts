/** One figure beside what it must reach. */
export interface Figure {
  name: string;
  value: string;
  ceiling: string;
  wanted: string;
  reached: boolean;
}

/** Collects figures and prints them as they come and once more together. */
export function createReport() {
  const figures: Figure[] = [];
  return {
    add(figure: Figure): void {
      figures.push(figure);
      console.log(row(figure));
    },
    print(): boolean {
      console.log(
        `\n${row({ name: 'figure', value: 'measured', ceiling: 'beside', wanted: 'wanted', reached: true }, '')}`,
      );
      for (const figure of figures) console.log(row(figure));
      return figures.every((figure) => figure.reached);
    },
  };
}

function row(figure: Figure, mark = figure.reached ? 'reached' : 'MISSED'): string {
  return `${figure.name.padEnd(34)} ${figure.value.padEnd(26)} ${figure.ceiling.padEnd(34)} ${figure.wanted.padEnd(22)} ${mark}`;
}
