import { BaseSequencer, type TestSpecification } from 'vitest/node';

const ORDER = ['system', 'service', 'unit'];

/** What waits most runs first, beside what computes; what is short fills the end. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = ({ project }: TestSpecification) => ORDER.indexOf(project.name);
    return sorted.sort((a, b) => rank(a) - rank(b));
  }
}
