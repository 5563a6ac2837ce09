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
package io.fluss.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.concurrent.Executors;

/** Who may use what in the cluster's modules: the module map and the ownership of libraries. */
@AnalyzeClasses(packages = "io.fluss", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule nettyBelongsToTransport =
            noClasses()
                    .that(not(resideInAPackage("io.fluss.transport..")))
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("io.netty..");

    @ArchTest
    static final ArchRule curatorAndZooKeeperBelongToTheMetastore =
            noClasses()
                    .that(not(resideInAPackage("io.fluss.metastore..")))
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("org.apache.curator..", "org.apache.zookeeper..");

    @ArchTest
    static final ArchRule nothingOfThePublishedSystemAtRunTime =
            noClasses().should().dependOnClassesThat().resideInAPackage("org.apache.fluss..");

    @ArchTest
    static final ArchRule theClientSeesNoServerModule =
            noClasses()
                    .that()
                    .resideInAPackage("io.fluss.client..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "io.fluss.server..",
                            "io.fluss.tablet..",
                            "io.fluss.coordinator..",
                            "io.fluss.metastore..",
                            "io.fluss.log..",
                            "io.fluss.remote..",
                            "io.fluss.replication..");

    @ArchTest
    static final ArchRule theCoreHasNoSockets =
            noClasses()
                    .that()
                    .resideInAnyPackage(
                            "io.fluss.log..",
                            "io.fluss.replication..",
                            "io.fluss.coordinator..",
                            "io.fluss.formats..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("io.fluss.transport..")
                    .as("log, replication, coordinator and formats must not see the transport")
                    .allowEmptyShould(true);

    @ArchTest
    static final ArchRule timeIsHandedIn =
            noClasses()
                    .that(
                            not(
                                    resideInAnyPackage(
                                            "io.fluss.time..",
                                            "io.fluss.server..",
                                            "io.fluss.testkit..")))
                    .should()
                    .callMethod(System.class, "currentTimeMillis");

    @ArchTest
    static final ArchRule nobodySleeps =
            noClasses().should().callMethod(Thread.class, "sleep", long.class);

    @ArchTest
    static final ArchRule threadsComeFromLoops =
            noClasses()
                    .that(
                            not(
                                    resideInAnyPackage(
                                            "io.fluss.loop..",
                                            "io.fluss.server..",
                                            "io.fluss.client..",
                                            "io.fluss.metastore..")))
                    .should()
                    .accessClassesThat()
                    .belongToAnyOf(Executors.class);

    @ArchTest
    static final ArchRule errorsAreFlussErrors =
            classes()
                    .that()
                    .areAssignableTo(RuntimeException.class)
                    .and()
                    .resideInAPackage("io.fluss..")
                    .should()
                    .resideInAPackage("io.fluss.errors..");

    @ArchTest
    static final ArchRule noCyclesBetweenFeatures =
            slices().matching("io.fluss.(*)..").should().beFreeOfCycles();
}
