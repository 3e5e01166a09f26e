package io.longreach;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The directions of the packages, as their {@code package-info}s and ARCHITECTURE.md say them. */
class ArchitectureTest {
  private static JavaClasses project;

  @BeforeAll
  static void read() {
    project =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.longreach");
  }

  @ParameterizedTest
  @CsvSource({
    "kernels.., kernels..",
    "encoders.., kernels.. encoders..",
    "udfs.., kernels.. encoders.. udfs..",
    "job.., kernels.. encoders.. udfs.. job..",
    // Within the modules.
    "kernels.pattern, ''",
    "kernels.plan, kernels.pattern",
    "kernels.device, kernels.pattern kernels.plan",
    "kernels.reference, kernels.pattern kernels.plan kernels.device",
    "kernels.picture, kernels.pattern",
    "kernels.cpu, kernels.pattern kernels.plan kernels.device kernels.reference",
    "kernels.cuda, kernels.pattern kernels.plan kernels.device",
    "encoders.text, ''",
    "encoders.transformer, kernels.device kernels.pattern kernels.plan",
    "encoders.checkpoint, encoders.family encoders.text",
    "encoders.hub, encoders.checkpoint",
    "udfs.hadoop, encoders.checkpoint",
    "udfs.arrow, encoders udfs",
    "udfs.sql.plan, encoders udfs udfs.arrow udfs.sql",
    "udfs.map, udfs udfs.arrow"
  })
  void aRoomImportsOnlyWhatItMay(String room, String others) {
    String[] allowed =
        Stream.concat(Stream.of(room), Stream.of(others.split(" ")).filter(o -> !o.isEmpty()))
            .map(name -> "io.longreach." + name)
            .toArray(String[]::new);
    classes()
        .that()
        .resideInAPackage("io.longreach." + room)
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(allowed).or(not(resideInAPackage("io.longreach.."))))
        .check(project);
  }

  @Test
  void kernelsAndEncodersKnowNoSpark() {
    noClasses()
        .that()
        .resideInAnyPackage("io.longreach.kernels..", "io.longreach.encoders..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache..", "scala..")
        .check(project);
  }

  @Test
  void nothingButBenchmarksAndTheCommandLineImportsBenchmarks() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.longreach..bench..", "io.longreach.job..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.longreach..bench..")
        .check(project);
  }

  /** The rest must load in a JVM without the module. */
  @Test
  void onlyTheVectorKernelsMentionTheIncubatorModule() {
    noClasses()
        .that()
        .resideInAPackage("io.longreach..")
        .and()
        .haveSimpleNameNotStartingWith("Vector")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("jdk.incubator..")
        .check(project);
  }

  @Test
  void onlyTheCommandLinesStopTheJvm() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName("io.longreach.job.Exit")
        .and()
        .doNotHaveFullyQualifiedName("io.longreach.encoders.bench.GpuBench")
        .should()
        .callMethod(System.class, "exit", int.class)
        .check(project);
  }
}
