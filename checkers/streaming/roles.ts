import type { Model, ModelOp } from '../linearizable/model.js';

/** What a register's operation needs and makes. */
export type Role = { readonly kind: 'read' } | { readonly kind: 'write'; readonly makes: unknown } | { readonly kind: 'cas'; readonly needs: unknown; readonly makes: unknown };

/** Whether the model is a register: the algorithm for unique values applies. */
export function isRegister(model: Model<unknown>): boolean {
  return model.register !== undefined;
}

/** What an operation of a register does, or undefined if it is not of the shape. */
export function roleOf(model: Model<unknown>, f: string, argument: unknown): Role | undefined {
  switch (model.register?.[f]) {
    case 'read':
      return { kind: 'read' };
    case 'write':
      return { kind: 'write', makes: argument };
    case 'cas':
      return Array.isArray(argument) && argument.length === 2 ? { kind: 'cas', needs: argument[0] as unknown, makes: argument[1] as unknown } : undefined;
    case undefined:
      return undefined;
  }
}

/** Whether the answer of an operation cannot matter to the model, wherever it took effect. */
export function isSilent(model: Model<unknown>, { f }: Pick<ModelOp, 'f'>): boolean {
  const role = model.register?.[f];
  return role === 'write' || role === 'cas' || model.silent?.includes(f) === true;
}
