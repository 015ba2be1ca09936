import { z } from 'zod';

/** So many keys get a picture. */
export const MOST_KEYS = 50;

const stepSchema = z.object({ operation: z.int(), state: z.string() });

const operationSchema = z.object({
  id: z.int(),
  process: z.number(),
  node: z.string().exactOptional(),
  call: z.string(),
  begin: z.int(),
  /** Without one it may take effect at any time after its beginning, or never. */
  end: z.int().exactOptional(),
  beginTime: z.number(),
  endTime: z.number().exactOptional(),
  outcome: z.enum(['ok', 'unknown', 'failed']),
});

/** Why one key is not linearizable, as the checkers store it. */
export const explainedSchema = z.object({
  key: z.union([z.string(), z.number()]).exactOptional(),
  model: z.string(),
  message: z.string(),
  operations: z.array(operationSchema),
  hidden: z.number(),
  core: z.array(z.int()),
  minimal: z.boolean(),
  blocked: z.int().exactOptional(),
  prefix: z.object({ completions: z.number(), of: z.number(), order: z.array(stepSchema), states: z.array(z.string()) }).exactOptional(),
  without: z.array(z.object({ operation: z.int(), order: z.array(stepSchema) })),
});

export type Explained = z.infer<typeof explainedSchema>;
export type ExplainedOperation = Explained['operations'][number];
export type ExplainedStep = z.infer<typeof stepSchema>;

/** What is read of results, of one checker or of several; anything else about them is left alone. */
const detailsSchema = z.object({ details: z.object({ findings: z.array(z.unknown()) }) });
const findingSchema = z.object({ explained: explainedSchema });
const checkersSchema = z.object({ checkers: z.array(z.unknown()) });

/** The explanations in the results of a run or of one checker, in their order. Those of another form, and whatever has none, give nothing. */
export function parseExplained(results: unknown): readonly Explained[] {
  const several = checkersSchema.safeParse(results);
  return (several.success ? several.data.checkers : [results]).flatMap(ofChecker).filter(({ operations }) => operations.length > 0);
}

function ofChecker(result: unknown): readonly Explained[] {
  const parsed = detailsSchema.safeParse(result);
  if (!parsed.success) return [];
  return parsed.data.details.findings.flatMap((finding) => {
    const found = findingSchema.safeParse(finding);
    return found.success ? [found.data.explained] : [];
  });
}
