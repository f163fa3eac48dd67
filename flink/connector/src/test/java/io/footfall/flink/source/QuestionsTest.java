package io.footfall.flink.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Set;
import org.junit.jupiter.api.Test;

class QuestionsTest {

  private static final Set<String> PARTITIONS = Set.of("a");

  @Test
  void oneAtATime() {
    Questions questions = new Questions();
    long id = questions.next(PARTITIONS, false, 1, 2).id();

    assertNull(questions.next(PARTITIONS, false, 3, 4));
    assertEquals(2, questions.take(id).wall());
    assertNull(questions.take(id));
  }

  @Test
  void theAnswerToAQuestionThatWasGivenUpIsNotTakenForThatToTheNext() {
    Questions questions = new Questions();
    long old = questions.next(PARTITIONS, false, 1, 2).id();
    questions.forget();
    long next = questions.next(PARTITIONS, false, 3, 4).id();

    assertNull(questions.take(old));
    assertEquals(4, questions.take(next).wall());
  }
}
