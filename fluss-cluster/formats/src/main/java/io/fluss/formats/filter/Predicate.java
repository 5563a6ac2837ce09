/*
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */
package io.fluss.formats.filter;

import java.util.List;

/**
 * A condition on a row, in the three-valued logic of SQL: a row is wanted if it is true. Columns
 * are named by their ids. Immutable; make one with {@link Predicates}, combine with {@link #and},
 * {@link #or} and {@link #not}.
 */
public sealed interface Predicate {
    /** Every row may be wanted. */
    Predicate UNKNOWN = new Unknown();

    /** How a column is compared with a value. */
    enum Operator {
        EQUAL,
        NOT_EQUAL,
        LESS,
        LESS_OR_EQUAL,
        GREATER,
        GREATER_OR_EQUAL;

        Operator negated() {
            return switch (this) {
                case EQUAL -> NOT_EQUAL;
                case NOT_EQUAL -> EQUAL;
                case LESS -> GREATER_OR_EQUAL;
                case LESS_OR_EQUAL -> GREATER;
                case GREATER -> LESS_OR_EQUAL;
                case GREATER_OR_EQUAL -> LESS;
            };
        }
    }

    /** Where a text stands in a value. */
    enum Place {
        START,
        ANYWHERE,
        END
    }

    /** {@code column = value} and the like. */
    record Comparison(Operator operator, int columnId, Literal literal) implements Predicate {
        @Override
        public Predicate not() {
            return new Comparison(operator.negated(), columnId, literal);
        }

        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.comparison(this);
        }
    }

    /** {@code column in (...)}, or {@code not in}; at least one literal, none of them null. */
    record Membership(int columnId, List<Literal> literals, boolean isNegated)
            implements Predicate {
        public Membership {
            literals = List.copyOf(literals);
        }

        @Override
        public Predicate not() {
            return new Membership(columnId, literals, !isNegated);
        }

        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.membership(this);
        }
    }

    /** {@code column is null}, or {@code is not null}. */
    record Nullness(int columnId, boolean isNull) implements Predicate {
        @Override
        public Predicate not() {
            return new Nullness(columnId, !isNull);
        }

        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.nullness(this);
        }
    }

    /** A text column that starts with, contains or ends with a text. */
    record Match(Place place, int columnId, Literal text) implements Predicate {
        @Override
        public Predicate not() {
            return UNKNOWN;
        }

        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.match(this);
        }
    }

    /** All of at least two. */
    record And(List<Predicate> children) implements Predicate {
        public And {
            children = List.copyOf(children);
        }

        @Override
        public Predicate not() {
            return or(children.stream().map(Predicate::not).toList());
        }

        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.and(this);
        }
    }

    /** Any of at least two. */
    record Or(List<Predicate> children) implements Predicate {
        public Or {
            children = List.copyOf(children);
        }

        @Override
        public Predicate not() {
            return and(children.stream().map(Predicate::not).toList());
        }

        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.or(this);
        }
    }

    /** What cannot be said here; it rules nothing out. */
    record Unknown() implements Predicate {
        @Override
        public Predicate not() {
            return this;
        }

        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.unknown(this);
        }
    }

    /** All of some predicates. */
    static Predicate and(List<? extends Predicate> children) {
        // Those that say nothing stay: the opposite of all says nothing either because of them.
        if (children.stream().allMatch(UNKNOWN::equals)) {
            return UNKNOWN;
        }
        return children.size() == 1 ? children.get(0) : new And(List.copyOf(children));
    }

    /** Any of some predicates; says nothing if one of them does. */
    static Predicate or(List<? extends Predicate> children) {
        if (children.isEmpty() || children.contains(UNKNOWN)) {
            return UNKNOWN;
        }
        return children.size() == 1 ? children.get(0) : new Or(List.copyOf(children));
    }

    /** The opposite: true where this is false, so not for nulls. */
    Predicate not();

    <R> R accept(Cases<R> cases);

    /** One method for each kind. */
    interface Cases<R> {
        R comparison(Comparison p);

        R membership(Membership p);

        R nullness(Nullness p);

        R match(Match p);

        R and(And p);

        R or(Or p);

        R unknown(Unknown p);
    }
}
