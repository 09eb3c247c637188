package io.github.statusbridge.answer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Descriptors.MethodDescriptor;
import io.github.statusbridge.user.User;
import io.github.statusbridge.v1.HttpStatus;
import io.github.statusbridge.v1.StatusbridgeProto;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Reads the options of a user's proto that was compiled against the installed package. */
final class UserProtoTest {
  @Test
  void options() {
    MethodDescriptor method = User.getDescriptor().findServiceByName("Workspaces").findMethodByName("Suspend");
    assertEquals(HttpStatus.HTTP_STATUS_ACCEPTED, method.getOptions().getExtension(StatusbridgeProto.success));
    assertEquals(
        List.of(HttpStatus.HTTP_STATUS_NOT_FOUND, HttpStatus.HTTP_STATUS_CONFLICT),
        method.getOptions().getExtension(StatusbridgeProto.errors));
  }
}
