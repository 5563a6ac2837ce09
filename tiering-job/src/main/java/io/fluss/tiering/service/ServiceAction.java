package io.fluss.tiering.service;

import io.fluss.client.lake.TieringAdmin.TableInWork;
import io.fluss.errors.FlussException;

/** What follows from a heartbeat. */
public sealed interface ServiceAction {
    <R> R accept(Cases<R> cases);

    /** Begin a round. */
    record Start(TableInWork table) implements ServiceAction {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.start(this);
        }
    }

    /** Stop a round: the table is not this service's any more. */
    record Cancel(TableInWork table, FlussException reason) implements ServiceAction {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.cancel(this);
        }
    }

    /** One method per action. */
    interface Cases<R> {
        R start(Start action);

        R cancel(Cancel action);
    }
}
